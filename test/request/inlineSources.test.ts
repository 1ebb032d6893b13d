import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { VmplantsError } from '../../model/errors.js';
import { inlineSources } from '../../request/inlineSources.js';

let root = '';
let directory = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vmplants-sources-'));
  directory = join(root, 'request');
  await mkdir(join(directory, 'files'), { recursive: true });
  await writeFile(join(directory, 'files', 'data'), 'data\n');
  await writeFile(join(directory, 'files', 'tool'), '#!/bin/sh\n');
  await chmod(join(directory, 'files', 'tool'), 0o750);
  await writeFile(join(root, 'outside'), 'outside');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const request = (source: string, rest: object = {}) => ({
  operatingSystem: { name: 'debian' },
  actions: [{ name: 'a', script: 'x', files: [{ path: 'f', source, ...rest }] }],
});

async function inline(plain: unknown, allowOutside = false): Promise<unknown> {
  return inlineSources(plain, { directory, allowOutside }, new AbortController().signal);
}

async function violationsOf(plain: unknown): Promise<readonly (readonly [string, string])[]> {
  try {
    await inline(plain);
  } catch (error) {
    if (!(error instanceof VmplantsError) || error.code !== 'INVALID_ARGUMENT') throw error;
    return error.violations.map(({ field, description }) => [field, description] as const);
  }
  throw new Error('expected violations');
}

describe('inlineSources', () => {
  it('replaces sources everywhere and keeps executable files executable', async () => {
    const plain = {
      operatingSystem: { name: 'debian' },
      actions: [
        {
          name: 'a',
          script: 'x',
          files: [
            { path: 'data', source: 'files/data' },
            { path: 'tool', source: './files/../files/tool' },
            { path: 'kept', content: 'kept' },
          ],
          onError: {
            handler: {
              actions: [
                { name: 'h', script: 'x', files: [{ path: 'data', source: 'files/data', mode: '0600' }] },
              ],
            },
          },
        },
        { name: 'iso', host: { attachIso: { label: 'X', files: [{ path: 'data', source: 'files/data' }] } } },
      ],
    };
    const before = structuredClone(plain);
    const inlined = await inline(plain);
    expect(plain).toEqual(before);
    const data = Buffer.from('data\n').toString('base64');
    expect(inlined).toEqual({
      operatingSystem: { name: 'debian' },
      actions: [
        {
          name: 'a',
          script: 'x',
          files: [
            { path: 'data', mode: '0644', base64: data },
            { path: 'tool', mode: '0755', base64: Buffer.from('#!/bin/sh\n').toString('base64') },
            { path: 'kept', content: 'kept' },
          ],
          onError: {
            handler: {
              actions: [{ name: 'h', script: 'x', files: [{ path: 'data', mode: '0600', base64: data }] }],
            },
          },
        },
        {
          name: 'iso',
          host: { attachIso: { label: 'X', files: [{ path: 'data', mode: '0644', base64: data }] } },
        },
      ],
    });
    expect(createOrder(inlined).dag.actions).toHaveLength(2);
  });

  it('names every source that cannot be taken', async () => {
    await symlink(join(root, 'outside'), join(directory, 'files', 'link'));
    execFileSync('mkfifo', [join(directory, 'files', 'pipe')]);
    await writeFile(join(directory, 'files', 'large'), '');
    await truncate(join(directory, 'files', 'large'), 16 * 1024 * 1024 + 1);
    const sources = [
      '../outside',
      join(root, 'outside'),
      'files/link',
      'files/none',
      'files',
      'files/pipe',
      'files/large',
      'a\0b',
    ];
    const actions = [
      { name: 'a', script: 'x', files: sources.map((source, index) => ({ path: `f${index}`, source })) },
    ];
    const found = await violationsOf({ actions });
    expect(found.map(([field]) => field)).toEqual(
      sources.map((_, index) => `actions[0].files[${index}].source`),
    );
    const descriptions = found.map(([, description]) => description);
    for (const description of descriptions.slice(0, 3))
      expect(description).toMatch(/outside of the directory.*--allow-outside/);
    expect(descriptions.slice(3)).toEqual([
      'cannot read "files/none": ENOENT',
      expect.stringMatching(/found a directory/),
      expect.stringMatching(/found something else/),
      expect.stringMatching(/16 MiB/),
      expect.stringMatching(/NUL/),
    ]);
  });

  it('takes sources from outside where that is allowed', async () => {
    expect(await inline(request('../outside'), true)).toMatchObject({
      actions: [{ files: [{ base64: Buffer.from('outside').toString('base64') }] }],
    });
  });

  it('leaves what is not of the expected shape to createOrder', async () => {
    for (const plain of [
      null,
      5,
      [],
      { actions: 5 },
      { actions: [5, { files: 5 }, { files: [5, { source: 5 }] }] },
    ]) {
      expect(await inline(plain)).toEqual(plain);
    }
    const both = request('files/data', { content: 'x' });
    expect(await inline(both)).toEqual(both);
  });

  it('stops when it is told to', async () => {
    const reason = new Error('stop');
    await expect(
      inlineSources(request('files/data'), { directory, allowOutside: false }, AbortSignal.abort(reason)),
    ).rejects.toBe(reason);
  });
});
