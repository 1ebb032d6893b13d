import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Order } from '../../../model/order.js';
import { type InformationSystem, openInformationSystem } from '../../../plant/info/informationSystem.js';
import { REMEMBERED_ORDERS } from '../../../plant/info/openOrderHistory.js';
import type { HistoryEntry } from '../../../plant/info/orderHistory.js';
import { shapeOf } from '../../../plant/learn/shapeOf.js';
import { fakeOrder, rememberingLog } from '../produce/rig.js';

let directory: string;
let log: ReturnType<typeof rememberingLog>;
let opened: InformationSystem[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'history-'));
  log = rememberingLog();
  opened = [];
});
afterEach(() => {
  for (const info of opened) info.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(): InformationSystem {
  const info = openInformationSystem({ directory, clock: { now: () => 1_000, monotonic: () => 0 }, log });
  opened.push(info);
  return info;
}

function reopened(info: InformationSystem): InformationSystem {
  info.close();
  return open();
}

function entry(order: Order, at: number, image = 'base', savedSeconds = 2): HistoryEntry {
  return { ...shapeOf(order), image, savedSeconds, at };
}

/** All bytes of the store and its log. */
function stored(): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n');
}

const CANARY = 'c4n4ry-0f-one-order';
const INSTALL = {
  name: 'install',
  script: 'echo installed\n',
  files: [{ path: 'a/b', content: 'text', mode: '0600' }],
  parameters: { release: '12' },
  environment: { LANG: 'C' },
  timeout: '77s',
  onError: { retries: 3, then: 'continue' },
};
const ORDER = fakeOrder([
  INSTALL,
  { name: 'data', host: { addDisk: { size: '16MiB' } }, after: ['install'], maxAge: '60s' },
  { name: 'disc', host: { attachIso: { label: 'DISC', files: [{ path: 'x', content: 'y' }] } } },
]);
const SECRET = fakeOrder([INSTALL, { name: 'secret', script: `echo ${CANARY}\n` }]);

describe('the order history', () => {
  test('keeps shapes, their times and what images were good for across a restart', () => {
    const first = open();
    first.history.record(entry(ORDER, 10));
    first.history.record(entry(ORDER, 30, 'base', 3));
    // The clock was set back.
    first.history.record(entry(ORDER, 20, 'other', 1));
    first.history.record(entry(SECRET, 40));
    const { history } = reopened(first);
    expect(history.shapes()).toEqual([
      { shape: shapeOf(ORDER).shape, times: [10, 20, 30] },
      { shape: shapeOf(SECRET).shape, times: [40] },
    ]);
    expect(history.imageUses()).toEqual(
      new Map([
        ['other', { uses: 1, savedSeconds: 1, lastUsed: 20 }],
        ['base', { uses: 3, savedSeconds: 7, lastUsed: 40 }],
      ]),
    );
  });

  test('writes the work of an action down only when a second order asks for it', () => {
    const first = open();
    first.history.record(entry(ORDER, 1));
    first.history.record(entry(SECRET, 2));
    const [install, secret] = SECRET.dag.actions;
    expect(first.history.action(secret?.key ?? '')).toMatchObject({ script: `echo ${CANARY}\n` });
    expect(stored()).not.toContain(CANARY);
    expect(stored()).toContain('echo installed');

    const second = reopened(first);
    expect(stored()).not.toContain(CANARY);
    expect(second.history.action(secret?.key ?? '')).toBeUndefined();
    expect(second.history.action(install?.key ?? '')).toBeDefined();

    // Asked for again after the restart: that is the second time.
    second.history.record(entry(SECRET, 3));
    expect(reopened(second).history.action(secret?.key ?? '')).toMatchObject({
      script: `echo ${CANARY}\n`,
    });
  });

  test('an action that one order names twice is that order’s alone', () => {
    const info = open();
    const twice = fakeOrder([
      { name: 'one', script: `echo ${CANARY}\n` },
      { name: 'two', script: `echo ${CANARY}\n` },
    ]);
    info.history.record(entry(twice, 1));
    expect(stored()).not.toContain(CANARY);
  });

  test('gives back the whole work, without the handler', () => {
    const info = open();
    info.history.record(entry(ORDER, 1));
    info.history.record(entry(ORDER, 2));
    const { history } = reopened(info);
    for (const action of ORDER.dag.actions) {
      const known = history.action(action.key);
      const { maxAgeSeconds: _, ...rest } = { maxAgeSeconds: 0, ...action };
      expect(known).toEqual({
        ...rest,
        onError: { retries: action.onError.retries, then: { kind: 'abort' } },
      });
    }
  });

  test('never keeps what belongs to one VM', () => {
    const info = open();
    const own = fakeOrder(
      [{ name: 'user', script: `echo ${CANARY}\n`, parameters: { user: { identity: 'user' } } }],
      { identity: { user: 'ivan' } },
    );
    const entryOf = (at: number): HistoryEntry => ({ ...entry(own, at), actions: own.dag.actions });
    info.history.record(entryOf(1));
    info.history.record(entryOf(2));
    expect(info.history.action(own.dag.actions[0]?.key ?? '')).toBeUndefined();
    expect(stored()).not.toContain(CANARY);
  });

  test('forgets the oldest orders, their shapes and their work', () => {
    const first = open();
    first.history.record(entry(SECRET, 1));
    first.history.record(entry(SECRET, 2));
    const key = SECRET.dag.actions[1]?.key ?? '';
    const other = entry(fakeOrder([INSTALL]), 3);
    first.history.record(other);
    first.close();
    // As many as are remembered, in one write instead of thousands.
    const filling = new Database(join(directory, 'vms.sqlite'));
    const insert = filling.prepare('INSERT INTO orders (shape, at) VALUES (?, ?)');
    filling.transaction(() => {
      for (let at = 4; at <= REMEMBERED_ORDERS; at += 1) insert.run(other.shape.digest, at);
    })();
    filling.close();
    const info = open();
    const { history } = info;
    expect(history.shapes()).toHaveLength(2);
    expect(history.action(key)).toBeDefined();
    history.record({ ...other, at: 20_000 });
    history.record({ ...other, at: 20_001 });
    expect(history.shapes().map(({ shape, times }) => [shape.digest, times.length])).toEqual([
      [other.shape.digest, REMEMBERED_ORDERS],
    ]);
    expect(history.action(key)).toBeUndefined();
    expect(history.action(SECRET.dag.actions[0]?.key ?? '')).toBeDefined();
    const again = reopened(info);
    expect(again.history.shapes()[0]?.times).toHaveLength(REMEMBERED_ORDERS);
    const database = new Database(join(directory, 'vms.sqlite'), { readonly: true });
    expect(database.prepare('SELECT count(*) AS n FROM actions').get()).toEqual({ n: 1 });
    database.close();
  });

  test('believes nothing that was damaged', () => {
    const info = open();
    info.history.record(entry(ORDER, 1));
    info.history.record(entry(ORDER, 2));
    info.history.record(entry(SECRET, 3));
    info.close();
    const database = new Database(join(directory, 'vms.sqlite'));
    database
      .prepare('UPDATE shapes SET body = replace(body, ?, ?) WHERE shape = ?')
      .run('secret', 'sekret', shapeOf(SECRET).shape.digest);
    database.prepare('UPDATE actions SET body = replace(body, ?, ?)').run('installed', 'destroyed');
    database.close();
    const { history } = open();
    expect(history.shapes().map(({ shape }) => shape.digest)).toEqual([shapeOf(ORDER).shape.digest]);
    expect(history.action(ORDER.dag.actions[0]?.key ?? '')).toBeUndefined();
    expect(history.action(ORDER.dag.actions[2]?.key ?? '')).toBeDefined();
  });

  test('an order that cannot be written down fails nothing', () => {
    const info = open();
    info.close();
    info.history.record(entry(ORDER, 1));
    expect(info.history.shapes()).toEqual([]);
    expect(log.lines.filter((line) => line.startsWith('an order could not be remembered'))).toHaveLength(1);
  });

  test('means of the last durations that ended well, also after a restart', () => {
    const info = open();
    const run = (seconds: number, ok = true): void =>
      info.recordDurations('order', [{ key: 'k', seconds, ok }]);
    run(1000);
    for (let index = 0; index < 8; index += 1) run(index);
    run(500, false);
    info.recordDurations('order', [{ key: 'other', seconds: 2, ok: true }]);
    const expected = new Map([
      ['k', 3.5],
      ['other', 2],
    ]);
    expect(info.history.seconds()).toEqual(expected);
    expect(reopened(info).history.seconds()).toEqual(expected);
  });

  test('a store of the first version gets the new tables and keeps its records', () => {
    const info = open();
    info.recordDurations('order', [{ key: 'k', seconds: 2, ok: true }]);
    info.close();
    const database = new Database(join(directory, 'vms.sqlite'));
    for (const table of ['shapes', 'orders', 'actions', 'image_uses', 'prepared']) {
      database.exec(`DROP TABLE ${table}`);
    }
    database.pragma('user_version = 1');
    database.close();
    const { history } = open();
    expect(history.shapes()).toEqual([]);
    expect(history.seconds()).toEqual(new Map([['k', 2]]));
  });
});
