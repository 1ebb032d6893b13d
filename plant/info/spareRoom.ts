import Database from 'better-sqlite3';

/** Pages (of 4 KiB) that the store's file and its log each have beyond what is used. */
const SPARE_PAGES = 512;
/** The log is written into the file at this length, well before its own spare room is used up. */
const CHECKPOINT_PAGES = 400;

/**
 * Gives the store room on the disk ahead of need: free pages in its file, and a write-ahead log that is already as
 * long as it gets. On a disk that something else has filled, a failed production can so still be removed from the
 * records. Does without where the disk is full already: what is stored must be readable all the same.
 */
export function keepSpareRoom(database: Database.Database): void {
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  try {
    // What is rolled back reaches neither file, so it is written first and deleted then; SQLite keeps both lengths.
    database.exec('CREATE TABLE IF NOT EXISTS spare_room (pages BLOB)');
    database
      .prepare('INSERT INTO spare_room VALUES (zeroblob(? * (SELECT page_size FROM pragma_page_size)))')
      .run(SPARE_PAGES);
    database.exec('DELETE FROM spare_room');
    database.pragma('wal_checkpoint(RESTART)');
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function isFull(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code === 'SQLITE_FULL' || error.code.startsWith('SQLITE_IOERR'))
  );
}
