import { describe, expect, it } from 'vitest';
import { type ClusterSpec, planBrokers, planPlants, planShop, servingOn } from '../../dev/clusterPlan.js';
import { plantProgram } from '../../plant/cli/program.js';
import { shopProgram } from '../../shop/cli/program.js';
import { fakeEnvironment } from '../cli/fakeTerminal.js';

const SPEC: ClusterSpec = {
  plants: 3,
  brokers: 0,
  line: 'qemu,uml',
  directory: '/tmp/c',
  learns: false,
  memoryMiB: 1000,
  shopAddress: '127.0.0.1:0',
  plantArguments: [],
};

const flagOf = (args: readonly string[], flag: string): string | undefined => args[args.indexOf(flag) + 1];

describe('the plan of a cluster', () => {
  it('gives every plant a name, a directory and its share of the memory', () => {
    const plants = planPlants(SPEC);
    expect(plants.map(({ name }) => name)).toEqual(['plant-1', 'plant-2', 'plant-3']);
    expect(plants[1]).toEqual({
      name: 'plant-2',
      kind: 'plant',
      program: 'vmplant',
      args: [
        ...['serve', '--name', 'plant-2', '--listen', '127.0.0.1:0', '--data', '/tmp/c/plants/plant-2'],
        ...['--line', 'qemu,uml', '--memory', '333MiB', '--learn-disk', '0'],
      ],
    });
  });

  it('lets plants learn where the warehouse goes with the cluster, and hands arguments on, last', () => {
    const [plant] = planPlants({
      ...SPEC,
      learns: true,
      warehouse: '/w',
      maxVms: 5,
      plantArguments: ['--prepare-spare', '2'],
    });
    const args = plant?.args ?? [];
    expect(args).not.toContain('--learn-disk');
    expect([flagOf(args, '--warehouse'), flagOf(args, '--max-vms')]).toEqual(['/w', '5']);
    expect(args.slice(-2)).toEqual(['--prepare-spare', '2']);
  });

  it('never gives a plant less memory than it can be given, and a fake one enough', () => {
    const memory = (spec: ClusterSpec): string | undefined =>
      flagOf(planPlants(spec)[0]?.args ?? [], '--memory');
    expect(memory({ ...SPEC, plants: 64 })).toBe('32MiB');
    expect(memory({ ...SPEC, plants: 64, line: 'fake' })).toBe('4096MiB');
  });

  it('deals the plants out to the brokers, each to one', () => {
    const plants = ['a:1', 'b:1', 'c:1', 'd:1', 'e:1'];
    const brokers = planBrokers({ brokers: 2 }, plants);
    expect(brokers.map(({ args }) => flagOf(args, '--plants'))).toEqual(['a:1,c:1,e:1', 'b:1,d:1']);
    expect(planBrokers({ brokers: 0 }, plants)).toEqual([]);
    expect(flagOf(planShop(SPEC, ['x:1', 'y:1']).args, '--plants')).toBe('x:1,y:1');
  });

  it('starts one again where it was', () => {
    const [plant] = planPlants(SPEC);
    if (plant === undefined) throw new Error('no plant');
    const again = servingOn(plant, '127.0.0.1:4711');
    expect(again.args.filter((argument, index) => argument !== plant.args[index])).toEqual([
      '127.0.0.1:4711',
    ]);
    expect(flagOf(again.args, '--listen')).toBe('127.0.0.1:4711');
  });

  it('uses only options that the programs have', () => {
    const { environment } = fakeEnvironment([]);
    const host = { hostName: 'h', hostMemoryMiB: 1024, temporaryDirectory: '/tmp', version: '1' };
    const programs = {
      vmshop: shopProgram(environment, '1'),
      vmplant: plantProgram({ ...environment, ...host }),
    };
    const planned = [
      ...planPlants({ ...SPEC, warehouse: '/w', maxVms: 3 }),
      ...planBrokers({ brokers: 1 }, ['a:1']),
      planShop(SPEC, ['a:1']),
    ];
    for (const { program, args } of planned) {
      const command = programs[program].commands.find((one) => one.name() === args[0]);
      const known = command?.options.map(({ long }) => long) ?? [];
      for (const flag of args.filter((argument) => argument.startsWith('--'))) expect(known).toContain(flag);
    }
  });
});
