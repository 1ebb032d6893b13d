import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { commandPaths } from '../../cli/completion/candidates.js';
import { type CommandNode, commandTree } from '../../cli/completion/commandTree.js';
import { EXIT } from '../../cli/exitCode.js';
import { plantProgram } from '../../plant/cli/program.js';
import { shopProgram } from '../../shop/cli/program.js';
import { fakeEnvironment } from './fakeTerminal.js';

const { environment } = fakeEnvironment([]);
const host = { hostName: 'h', hostMemoryMiB: 1024, temporaryDirectory: '/tmp', version: '1' };
const text = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** The part of the reference that is about a program. */
function chapter(program: string): string {
  return text.split(/^## /m).find((part) => part.startsWith(`${program}\n`)) ?? '';
}

describe.each<[string, CommandNode]>([
  ['vmshop', commandTree(shopProgram(environment, '1'))],
  ['vmplant', commandTree(plantProgram({ ...environment, ...host }))],
])('the reference of %s', (name, tree) => {
  it('names every command', () => {
    const commands = commandPaths(tree)
      .filter(({ node, words }) => words.length > 0 && node.commands.length === 0)
      .map(({ words }) => words.join(' '));
    const missing = commands.filter((words) => !new RegExp(`\`${words}[ \`]`).test(chapter(name)));
    expect(missing).toEqual([]);
  });

  it('names every option', () => {
    const flags = commandPaths(tree).flatMap(({ node }) =>
      node.options.map((option) => option.flags.at(-1) ?? ''),
    );
    const common = new Set([
      '--help',
      '--version',
      '--output',
      '--quiet',
      '--file',
      '--timeout',
      '--allow-outside',
    ]);
    const missing = [...new Set(flags)].filter((flag) => !common.has(flag) && !chapter(name).includes(flag));
    expect(missing).toEqual([]);
  });
});

it('lists every exit code', () => {
  const listed = [...text.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
  expect(listed).toEqual(Object.values(EXIT));
});
