/**
 * Version of the tables below, kept in SQLite's `user_version`. A newer store is refused, never guessed at. From 3 on a
 * prepared machine says on which rung it was made.
 */
export const SCHEMA_VERSION = 3;

/**
 * `vms.digest` is the SHA-256 of `body`: SQLite does not notice a flipped bit inside a page, and a record decides
 * which process is killed. `history` grows by one row per action that ran and is trimmed.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS vms (
  vmid TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS steps (
  id INTEGER PRIMARY KEY,
  vmid TEXT NOT NULL,
  step TEXT NOT NULL,
  direction TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS steps_by_vm ON steps (vmid, id);
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY,
  order_digest TEXT NOT NULL,
  key TEXT NOT NULL,
  seconds REAL NOT NULL,
  ok INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS prepared (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shapes (
  shape TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY,
  shape TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS actions (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS image_uses (
  image TEXT PRIMARY KEY,
  uses INTEGER NOT NULL,
  saved_seconds REAL NOT NULL,
  last_used INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS quarantine (
  id INTEGER PRIMARY KEY,
  vmid TEXT NOT NULL,
  body TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
`;

/** Rows of `history` that are kept. */
export const HISTORY_ROWS = 100_000;
