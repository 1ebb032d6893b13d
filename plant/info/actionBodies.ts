import type Database from 'better-sqlite3';
import type { Action } from '../../model/action.js';
import { actionBody, actionBytes, actionOfBody, type SharableAction, sharable } from './actionBody.js';

/** A work that is larger is not remembered: it would be too much of what all may take together. */
const MAX_ACTION_BYTES = 4 * 1024 * 1024;
/** In memory, and again in the store. What was asked for longest ago goes first. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The works of actions: in memory from the first order that asks for one, in the store from the second. */
export interface ActionBodies {
  /** An order asks for it. @param before whether a remembered order has asked for it before */
  readonly ask: (action: Action, before: boolean, at: number) => void;
  readonly get: (key: string) => SharableAction | undefined;
  /** No remembered order asks for it any more. */
  readonly forget: (key: string) => void;
}

/**
 * Over the table `actions`. Writes join the transaction that is going on.
 * @param wanted has the keys that remembered orders ask for
 */
export function openActionBodies(
  database: Database.Database,
  wanted: { readonly has: (key: string) => boolean },
): ActionBodies {
  const statements = {
    select: database.prepare<[string], { readonly body: string }>('SELECT body FROM actions WHERE key = ?'),
    touch: database.prepare('UPDATE actions SET at = ? WHERE key = ?'),
    insert: database.prepare('INSERT OR REPLACE INTO actions (key, body, at) VALUES (?, ?, ?)'),
    remove: database.prepare('DELETE FROM actions WHERE key = ?'),
    total: database.prepare<[], { readonly bytes: number }>(
      'SELECT coalesce(sum(length(body)), 0) AS bytes FROM actions',
    ),
    oldest: database.prepare<[], { readonly key: string; readonly bytes: number }>(
      'SELECT key, length(body) AS bytes FROM actions ORDER BY at, key LIMIT 1',
    ),
  };
  // What a crash has left between the order's going and its actions'.
  for (const { key } of database.prepare<[], { readonly key: string }>('SELECT key FROM actions').all()) {
    if (!wanted.has(key)) statements.remove.run(key);
  }
  const memory = new Map<string, SharableAction>();
  let memoryBytes = 0;
  let storedBytes = statements.total.get()?.bytes ?? 0;

  const forgetInMemory = (key: string): void => {
    const known = memory.get(key);
    if (known === undefined) return;
    memory.delete(key);
    memoryBytes -= actionBytes(known);
  };

  const remember = (action: SharableAction): void => {
    forgetInMemory(action.key);
    memory.set(action.key, action);
    memoryBytes += actionBytes(action);
    for (const key of memory.keys()) {
      if (memoryBytes <= MAX_BYTES) break;
      forgetInMemory(key);
    }
  };

  const store = (action: SharableAction, at: number): void => {
    if (statements.touch.run(at, action.key).changes > 0) return;
    const body = actionBody(action);
    if (body === undefined) return;
    statements.insert.run(action.key, body, at);
    storedBytes += body.length;
    while (storedBytes > MAX_BYTES) {
      const oldest = statements.oldest.get();
      if (oldest === undefined) break;
      statements.remove.run(oldest.key);
      storedBytes -= oldest.bytes;
    }
  };

  return {
    ask: (asked, before, at) => {
      const action = sharable(asked);
      if (action === undefined || actionBytes(action) > MAX_ACTION_BYTES) return;
      remember(action);
      if (before) store(action, at);
    },
    get: (key) => {
      const known = memory.get(key);
      if (known !== undefined) return known;
      const row = statements.select.get(key);
      return row === undefined ? undefined : actionOfBody(key, row.body);
    },
    forget: (key) => {
      forgetInMemory(key);
      if (statements.remove.run(key).changes > 0) storedBytes = statements.total.get()?.bytes ?? 0;
    },
  };
}
