import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { probeFile } from '../plant/cli/layout.js';
import {
  type ClusterSpec,
  logDirectory,
  logFile,
  type PlannedServer,
  planBrokers,
  planPlants,
  planShop,
  plantData,
  plantsDirectory,
  servingOn,
} from './clusterPlan.js';
import { endBelow, killBelow, markOf } from './leftProcesses.js';
import type { Programs } from './programs.js';
import { logTail, type Server, startServer } from './serverProcess.js';

/** A process of a cluster that runs. */
export interface Member {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  readonly logFile: string;
}

/** Plants, brokers and a shop on one host, each a process of its own. */
export interface Cluster {
  readonly shopAddress: string;
  /** The shop first. */
  readonly members: readonly Member[];
  /**
   * Starts again what died, collects the VMs, ends every process, and kills what is left of VMs that were not collected.
   * @returns what could not be ended, in sentences for people
   */
  close(): Promise<readonly string[]>;
}

export interface ClusterParts {
  readonly programs: Programs;
  /** Collects every VM that the shop knows, and answers with how many. */
  readonly collectVms: (shopAddress: string, signal: AbortSignal) => Promise<number>;
  /** Takes sentences for people. */
  readonly note: (text: string) => void;
  /** Ends the starting; a cluster that runs is ended by `close`. */
  readonly signal: AbortSignal;
  /** Takes what kills everything at once, to be called when there is no time for an orderly end. */
  readonly onEmergency: (killAll: () => void) => void;
}

/** So many at a time: each takes a second of a processor to start. */
const STARTING_AT_ONCE = 8;
const COLLECT_MILLISECONDS = 60_000;
/** Of the log of a process that died. */
const SHOWN_LOG_CHARACTERS = 1500;

/** A process of a cluster, and what it was started as. */
interface Started {
  readonly planned: PlannedServer;
  readonly server: Server;
  readonly member: Member;
}

/** Starts the plants, then the brokers before them, then the shop; ends them all again when one does not start. */
export async function startCluster(spec: ClusterSpec, parts: ClusterParts): Promise<Cluster> {
  const { note } = parts;
  const mark = markOf(plantsDirectory(spec.directory));
  const programs = { ...parts.programs, environment: { ...parts.programs.environment, ...mark } };
  const started = new Map<string, Started>();
  const dead = new Set<string>();
  let closing = false;
  parts.onEmergency(() => {
    closing = true;
    for (const { server } of started.values()) server.kill();
    killBelow(plantsDirectory(spec.directory));
  });

  const start = async (planned: PlannedServer, signal: AbortSignal): Promise<Member> => {
    const { name, program, args } = planned;
    const file = logFile(spec.directory, name);
    const server = await startServer(programs[program], args, { programs, signal, logFile: file });
    const member = { name, address: server.address, pid: server.pid, logFile: file };
    started.set(name, { planned, server, member });
    dead.delete(name);
    void server.ended.then(async (status) => {
      if (closing) return;
      dead.add(name);
      const tail = (await logTail(file, SHOWN_LOG_CHARACTERS)).trimEnd();
      const how = status === 256 ? 'was killed' : `has ended with status ${status}`;
      note(`${name} ${how}; the others go on. The end of ${file}:\n${tail}`);
    });
    return member;
  };
  const startAll = async (planned: readonly PlannedServer[]): Promise<readonly Member[]> => {
    const members: Member[] = [];
    for (let at = 0; at < planned.length; at += STARTING_AT_ONCE) {
      const wave = planned.slice(at, at + STARTING_AT_ONCE).map((one) => start(one, parts.signal));
      for (const outcome of await Promise.allSettled(wave)) {
        if (outcome.status === 'rejected') throw outcome.reason;
        members.push(outcome.value);
      }
    }
    return members;
  };
  const startPlants = async (): Promise<readonly Member[]> => {
    const [first, ...others] = planPlants(spec);
    if (first === undefined || spec.line === 'fake') return startAll(planPlants(spec));
    const one = await startAll([first]);
    for (const { name } of others) await tellOfHost(spec.directory, first.name, name);
    return [...one, ...(await startAll(others))];
  };
  /** Nobody else collects the VMs of a plant that died, nor takes its name off the images that they use. */
  const revive = async (): Promise<void> => {
    for (const { planned, member } of [...started.values()].filter(({ member }) => dead.has(member.name))) {
      note(`starting ${member.name} again, to collect what it had`);
      await start(servingOn(planned, member.address), new AbortController().signal).catch((thrown: unknown) =>
        note(`${member.name} does not start: ${textOf(thrown)}`),
      );
    }
  };
  const end = async (): Promise<readonly string[]> => {
    closing = true;
    // The shop first, the plants last: nobody asks one that has gone.
    const servers = [...started.values()].reverse();
    for (const { server, planned } of servers) if (planned.kind !== 'plant') await server.stop();
    await Promise.all(servers.map(({ server }) => server.stop()));
    const { killed, left } = await endBelow(plantsDirectory(spec.directory));
    if (killed > 0)
      note(`killed what plants had left running: ${killed === 1 ? '1 process' : `${killed} processes`}`);
    return left.map((pid) => `process ${pid} could not be ended`);
  };

  try {
    await mkdir(logDirectory(spec.directory), { recursive: true, mode: 0o700 });
    const plants = await startPlants();
    const brokers = await startAll(planBrokers(spec, plants.map(addressOf)));
    const shop = await start(
      planShop(spec, (brokers.length > 0 ? brokers : plants).map(addressOf)),
      parts.signal,
    );
    return {
      shopAddress: shop.address,
      members: [shop, ...brokers, ...plants],
      close: async () => {
        await revive();
        await collect(shop.address, parts);
        return await end();
      },
    };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function addressOf({ address }: Member): string {
  return address;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Whether hardware virtualisation works here takes seconds to find out: the first plant does, and the others are told.
 */
async function tellOfHost(directory: string, knows: string, name: string): Promise<void> {
  const known = probeFile(plantData(directory, knows));
  const data = plantData(directory, name);
  if (!existsSync(known) || existsSync(probeFile(data))) return;
  await mkdir(data, { recursive: true, mode: 0o700 });
  await copyFile(known, probeFile(data));
}

/** Never rejects: the monitors of VMs that could not be collected are killed afterwards. */
async function collect(
  shopAddress: string,
  { collectVms, note }: Pick<ClusterParts, 'collectVms' | 'note'>,
): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), COLLECT_MILLISECONDS);
  try {
    const count = await collectVms(shopAddress, controller.signal);
    if (count > 0) note(`collected ${count === 1 ? '1 VM' : `${count} VMs`}`);
  } catch (thrown) {
    note(`not every VM could be collected: ${textOf(thrown)}`);
  } finally {
    clearTimeout(timer);
  }
}
