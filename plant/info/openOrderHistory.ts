import type Database from 'better-sqlite3';
import { asVmplantsError } from '../../model/errors.js';
import type { OrderShape } from '../learn/decide/orderShape.js';
import type { Log } from '../log.js';
import { openActionBodies } from './actionBodies.js';
import type { HistoryEntry, ImageUses, OrderHistory } from './orderHistory.js';
import { digestOf } from './recordRow.js';

/** Orders that are remembered; a shape goes with its last one. */
export const REMEMBERED_ORDERS = 10_000;
/** Images whose use is remembered, also of those that are gone; those used longest ago go first. */
const REMEMBERED_IMAGES = 10_000;

interface KnownShape {
  readonly shape: OrderShape;
  /** Oldest first. Replaced, never changed: who asked for it holds it. */
  readonly times: readonly number[];
}

/**
 * The order history over the tables `shapes`, `orders`, `actions` and `image_uses`. Reads are answered from memory.
 * What cannot be written is logged and forgotten: no order fails because it could not be learned from.
 */
export function openOrderHistory(
  database: Database.Database,
  seconds: () => ReadonlyMap<string, number>,
  log: Log,
): OrderHistory {
  const statements = prepareStatements(database);
  const shapes = readShapes(database, log);
  const uses = new Map<string, ImageUses>(
    database
      .prepare<[], ImageUses & { readonly image: string }>(
        'SELECT image, uses, saved_seconds AS savedSeconds, last_used AS lastUsed FROM image_uses ORDER BY last_used, image',
      )
      .all()
      .map(({ image, ...rest }) => [image, rest]),
  );
  /** How many remembered shapes an action is in. */
  const shapesOf = new Map<string, number>();
  for (const { shape } of shapes.values()) count(shapesOf, shape, 1);
  const bodies = openActionBodies(database, shapesOf);
  let orders = [...shapes.values()].reduce((sum, { times }) => sum + times.length, 0);

  const write = database.transaction((entry: HistoryEntry, used: ImageUses, excess: number) => {
    const { shape, at } = entry;
    const isNew = !shapes.has(shape.digest);
    if (isNew) {
      const body = JSON.stringify(shape);
      statements.insertShape.run(shape.digest, body, digestOf(shape.digest, body));
    }
    statements.insertOrder.run(shape.digest, at);
    statements.putUse.run(entry.image, used.uses, used.savedSeconds, used.lastUsed);
    statements.trimUses.run(REMEMBERED_IMAGES);
    for (const action of entry.actions) bodies.ask(action, shapesOf.has(action.key), at);
    const oldest = excess > 0 ? statements.oldestOrders.all(excess) : [];
    for (const { id } of oldest) statements.removeOrder.run(id);
    return oldest;
  });

  const forgetOrder = (digest: string, at: number): void => {
    const known = shapes.get(digest);
    if (known === undefined) return;
    const place = known.times.indexOf(at);
    const times = known.times.filter((_, index) => index !== place);
    orders -= known.times.length - times.length;
    if (times.length > 0) {
      shapes.set(digest, { ...known, times });
      return;
    }
    statements.removeShape.run(digest);
    shapes.delete(digest);
    for (const key of count(shapesOf, known.shape, -1)) bodies.forget(key);
  };

  return {
    record: (entry) => {
      const { shape, image, at } = entry;
      const before = uses.get(image);
      const used: ImageUses = {
        uses: (before?.uses ?? 0) + 1,
        savedSeconds: (before?.savedSeconds ?? 0) + entry.savedSeconds,
        lastUsed: at,
      };
      try {
        const forgotten = write(entry, used, orders + 1 - REMEMBERED_ORDERS);
        uses.delete(image);
        uses.set(image, used);
        for (const name of uses.keys()) {
          if (uses.size <= REMEMBERED_IMAGES) break;
          uses.delete(name);
        }
        const known = shapes.get(shape.digest);
        if (known === undefined) count(shapesOf, shape, 1);
        shapes.set(shape.digest, {
          shape: known?.shape ?? shape,
          times: withTime(known?.times ?? [], at),
        });
        orders += 1;
        for (const { shape: digest, at: time } of forgotten) forgetOrder(digest, time);
      } catch (error) {
        log.warn({ err: asVmplantsError(error) }, 'an order could not be remembered');
      }
    },
    shapes: () => [...shapes.values()],
    seconds,
    imageUses: () => new Map(uses),
    action: (key) => bodies.get(key),
  };
}

function withTime(times: readonly number[], at: number): readonly number[] {
  const all = [...times, at];
  // Only where the clock was set back.
  return at < (times.at(-1) ?? at) ? all.sort((a, b) => a - b) : all;
}

interface OrderRow {
  readonly id: number;
  readonly shape: string;
  readonly at: number;
}

function prepareStatements(database: Database.Database) {
  return {
    insertShape: database.prepare('INSERT OR REPLACE INTO shapes (shape, body, digest) VALUES (?, ?, ?)'),
    removeShape: database.prepare('DELETE FROM shapes WHERE shape = ?'),
    insertOrder: database.prepare('INSERT INTO orders (shape, at) VALUES (?, ?)'),
    oldestOrders: database.prepare<[number], OrderRow>(
      'SELECT id, shape, at FROM orders ORDER BY id LIMIT ?',
    ),
    removeOrder: database.prepare('DELETE FROM orders WHERE id = ?'),
    putUse: database.prepare(
      'INSERT OR REPLACE INTO image_uses (image, uses, saved_seconds, last_used) VALUES (?, ?, ?, ?)',
    ),
    trimUses: database.prepare(
      'DELETE FROM image_uses WHERE image IN (SELECT image FROM image_uses ORDER BY last_used DESC, image DESC LIMIT -1 OFFSET ?)',
    ),
  };
}

/** The shapes that are believed, with their times; rows of others are deleted, being of no use. */
function readShapes(database: Database.Database, log: Log): Map<string, KnownShape> {
  const times = new Map<string, number[]>();
  for (const { shape, at } of database
    .prepare<[], Omit<OrderRow, 'id'>>('SELECT shape, at FROM orders ORDER BY at, id')
    .iterate()) {
    const known = times.get(shape);
    if (known === undefined) times.set(shape, [at]);
    else known.push(at);
  }
  const shapes = new Map<string, KnownShape>();
  const rows = database
    .prepare<[], { readonly shape: string; readonly body: string; readonly digest: string }>(
      'SELECT shape, body, digest FROM shapes ORDER BY rowid',
    )
    .all();
  for (const row of rows) {
    const used = times.get(row.shape);
    if (used === undefined) continue;
    if (digestOf(row.shape, row.body) !== row.digest) {
      log.warn({ shape: row.shape }, 'what was remembered of an order was damaged, and is forgotten');
      continue;
    }
    // The digest says that this process's own `record` wrote it.
    shapes.set(row.shape, { shape: JSON.parse(row.body) as OrderShape, times: used });
  }
  const forget = database.transaction(() => {
    for (const { shape } of rows) {
      if (!shapes.has(shape)) database.prepare('DELETE FROM shapes WHERE shape = ?').run(shape);
    }
    for (const shape of times.keys()) {
      if (!shapes.has(shape)) database.prepare('DELETE FROM orders WHERE shape = ?').run(shape);
    }
  });
  forget();
  return shapes;
}

/** Counts a shape's actions in or out. Gives those that are in no shape any more. */
function count(shapesOf: Map<string, number>, shape: OrderShape, by: 1 | -1): readonly string[] {
  const gone: string[] = [];
  for (const key of new Set(shape.actions.map((action) => action.key))) {
    const now = (shapesOf.get(key) ?? 0) + by;
    if (now > 0) shapesOf.set(key, now);
    else {
      shapesOf.delete(key);
      gone.push(key);
    }
  }
  return gone;
}
