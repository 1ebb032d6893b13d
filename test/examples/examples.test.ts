import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requestSchemaText } from '../../docs/requestSchema.js';
import { createOrder } from '../../model/createOrder.js';
import type { Dag } from '../../model/dag.js';
import type { Order } from '../../model/order.js';
import { inlineSources } from '../../request/inlineSources.js';
import { detectFormat, readRequest } from '../../request/readRequest.js';

const directory = fileURLToPath(new URL('../../examples', import.meta.url));
const names = readdirSync(directory).filter((name) => /\.(yaml|json|xml)$/.test(name));

function readPlain(name: string): unknown {
  const bytes = readFileSync(join(directory, name));
  return readRequest(bytes, detectFormat(name, bytes));
}

async function readOrder(name: string): Promise<Order> {
  const signal = new AbortController().signal;
  return createOrder(await inlineSources(readPlain(name), { directory, allowOutside: false }, signal));
}

function scriptsOf(dag: Dag): readonly string[] {
  return dag.actions.flatMap((action) => [
    ...(action.kind === 'guest' ? [action.script] : []),
    ...(action.onError.handler === undefined ? [] : scriptsOf(action.onError.handler)),
  ]);
}

describe.each(names)('%s', (name) => {
  it('is a valid request with scripts that a shell can read', async () => {
    const order = await readOrder(name);
    expect(order.dag.actions.length).toBeGreaterThan(1);
    for (const script of scriptsOf(order.dag)) {
      const { status, stderr } = spawnSync('sh', ['-n'], {
        input: script,
        encoding: 'utf8',
        timeout: 10_000,
      });
      expect({ status, stderr, script }).toEqual({ status: 0, stderr: '', script });
    }
  });

  it('is what the README and the JSON Schema say', () => {
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toContain(`[${name}](${name})`);
    expect(() => z.fromJSONSchema(JSON.parse(requestSchemaText())).parse(readPlain(name))).not.toThrow();
  });
});

describe('the examples', () => {
  it('keep their keys and digests: a change here makes golden images that exist useless', async () => {
    const lines: string[] = [];
    for (const name of names) {
      const order = await readOrder(name);
      lines.push(`${name} ${order.digest}`);
      for (const action of order.dag.actions)
        lines.push(`  ${action.key} ${action.identity ? 'own   ' : 'shared'} ${action.name}`);
    }
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./keys.txt');
  });

  it('are the same workspace in YAML and in XML', async () => {
    const [yaml, xml] = [await readOrder('workspace.yaml'), await readOrder('workspace.xml')];
    expect(xml.dag.actions.map((action) => [action.name, action.key])).toEqual(
      yaml.dag.actions.map((action) => [action.name, action.key]),
    );
    expect(xml.digest).toBe(yaml.digest);
  });

  it('cache what the paper caches in a workspace, and nothing of its user', async () => {
    const order = await readOrder('workspace.yaml');
    expect(order.dag.actions.map((action) => [action.name, action.identity])).toEqual([
      ['install-tools', false],
      ['install-vnc-server', false],
      ['install-file-manager', false],
      ['user', true],
      ['address', true],
      ['mount', true],
      ['session', true],
    ]);
    const identities = new Map(order.dag.actions.map((action) => [action.name, action.identity]));
    for (const action of order.dag.actions.filter((each) => !each.identity)) {
      for (const predecessor of order.dag.predecessors.get(action.name) ?? [])
        expect(identities.get(predecessor)).toBe(false);
    }
  });

  it('use every file below files/', async () => {
    const used = new Set(
      names.flatMap((name) =>
        [...readFileSync(join(directory, name), 'utf8').matchAll(/files\/[\w/.-]+/g)].map(([path]) => path),
      ),
    );
    const there = readdirSync(join(directory, 'files'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
    expect(there.filter((path) => !used.has(path))).toEqual([]);
  });
});

describe('docs/request.schema.json', () => {
  it('is what docs/requestSchema.ts writes', () => {
    const file = fileURLToPath(new URL('../../docs/request.schema.json', import.meta.url));
    expect(readFileSync(file, 'utf8')).toBe(requestSchemaText());
  });

  it('refuses what it should', () => {
    const schema = z.fromJSONSchema(JSON.parse(requestSchemaText()));
    const valid = { operatingSystem: { name: 'micro' }, actions: [{ name: 'a', script: 'x' }] };
    expect(schema.safeParse(valid).success).toBe(true);
    for (const wrong of [
      {},
      { ...valid, extra: 1 },
      { ...valid, actions: [{ name: 'a' }] },
      { ...valid, actions: [{ name: 'a', script: 'x', files: [{ path: '../x', content: '' }] }] },
      { ...valid, hardware: { memory: '512MB' } },
    ]) {
      expect(schema.safeParse(wrong).success).toBe(false);
    }
  });
});
