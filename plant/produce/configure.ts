import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigurationRequest, ConfigurationResult } from '../configure/configuration.js';
import { configureMachine } from '../configure/configureMachine.js';
import type { Machine } from '../line/line.js';
import type { Step } from './step.js';

export interface ConfigureInput {
  readonly request: ConfigurationRequest;
  readonly machine: Machine;
}

/**
 * Renews the identity and runs what is left of the DAG. What ran inside the clone goes with the clone; undone by
 * removing the configuration ISOs, which hold secrets, before anything else is tried.
 */
export function createConfigureStep(): Step<ConfigureInput, ConfigurationResult> {
  return {
    name: 'configure',
    do: ({ request, machine }, signal) => configureMachine(request, machine, signal),
    undo: (record) => removeConfigurationIsos(record.directory),
  };
}

async function removeConfigurationIsos(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (/^configuration-\d+\.iso$/.test(name)) await rm(join(directory, name), { force: true });
  }
}
