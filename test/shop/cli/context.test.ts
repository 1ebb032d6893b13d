import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseAddress } from '../../../shop/cli/address.js';
import { configPath, readConfiguration } from '../../../shop/cli/configFile.js';
import { type Run, runShop } from './runShop.js';

const FILE = `# shops that I use
currentContext: lab
contexts:
  lab: { address: "lab.example.org:7070" } # in the basement
  laptop: { address: "127.0.0.1:1" }
`;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vmplants-context-'));
  await mkdir(join(directory, 'vmplants'));
  file = join(directory, 'vmplants', 'config.yaml');
  await writeFile(file, FILE);
});
afterEach(() => rm(directory, { recursive: true }));

const vmshop = (args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Run> =>
  runShop(args, { variables: { XDG_CONFIG_HOME: directory, ...variables } });

describe('contexts', () => {
  it('are listed', async () => {
    const { stdout } = await vmshop(['context', 'list']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'CURRENT   NAME     ADDRESS',
      '*         lab      lab.example.org:7070',
      '-         laptop   127.0.0.1:1',
    ]);
    expect((await vmshop(['context', 'list', '-q'])).stdout).toBe('lab\nlaptop\n');
  });

  it('are switched without touching anything else in the file', async () => {
    expect((await vmshop(['context', 'use', 'laptop'])).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(FILE.replace('currentContext: lab', 'currentContext: laptop'));
  });

  it('that do not exist end with 3 and the names of those that do', async () => {
    for (const args of [
      ['context', 'use', 'lib'],
      ['list', '--context', 'lib'],
    ]) {
      const run = await vmshop(args);
      expect(run.exitCode).toBe(3);
      expect(run.stderr).toContain('hint: it has: lab, laptop');
    }
  });

  it('are used for calls', async () => {
    const run = await vmshop(['list', '--context', 'laptop']);
    expect(run.exitCode).toBe(7);
    expect(run.stderr).toContain('no shop answers at 127.0.0.1:1');
  });

  it.each([
    ['contexts: [', 'BAD_CONFIGURATION'],
    ['contexts: { a: { adress: x } }', 'contexts.a.address'],
    ['contxts: {}', 'contxts: not a known field'],
    ['- a', 'expected a mapping'],
  ])('of a file that is wrong (%s) are refused with the place', async (text, words) => {
    await writeFile(file, text);
    const run = await vmshop(['list', '-o', 'json']);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(words);
  });
});

describe('the address of the shop', () => {
  const configuration = {
    currentContext: 'lab',
    contexts: new Map([
      ['lab', { address: 'lab:1' }],
      ['home', { address: 'home:2' }],
    ]),
  };
  const sources = { configuration, configurationPath: '/c', addressFlag: undefined, contextFlag: undefined };

  it.each([
    ['the flag first', { addressFlag: 'flag:1', contextFlag: 'home', addressVariable: 'env:1' }, 'flag:1'],
    ['a named context before the environment', { contextFlag: 'home', addressVariable: 'env:1' }, 'home:2'],
    ['the environment before the current context', { addressVariable: 'env:1' }, 'env:1'],
    ['the current context', { addressVariable: '' }, 'lab:1'],
    ['the default', { addressVariable: undefined, configuration: { contexts: new Map() } }, '127.0.0.1:7070'],
  ])('is %s', (_what, more, address) => {
    expect(chooseAddress({ ...sources, ...more }).address).toBe(address);
  });

  it('lies in the file that the XDG specification says', async () => {
    expect(configPath({ XDG_CONFIG_HOME: '/x' }, '/home/a')).toBe('/x/vmplants/config.yaml');
    expect(configPath({ XDG_CONFIG_HOME: 'relative' }, '/home/a')).toBe(
      '/home/a/.config/vmplants/config.yaml',
    );
    expect(configPath({}, '/home/a')).toBe('/home/a/.config/vmplants/config.yaml');
    expect((await readConfiguration('/nonexistent/config.yaml')).contexts.size).toBe(0);
  });
});
