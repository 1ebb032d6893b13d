import { Metadata, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, invalidArgument, VmplantsError } from '../../model/errors.js';
import { neverConnected } from '../../proto/libraryStatus.js';
import { fromStatus, STATUS_DETAILS_KEY, toStatus } from '../../proto/status.js';
import { recordingLogger } from './recordingLogger.js';

const CODES: readonly ErrorCode[] = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'ABORTED',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'DATA_LOSS',
  'UNIMPLEMENTED',
  'INTERNAL',
];

/** Bytes that a status takes in the trailers, as a client in another language counts them. */
function trailerBytes(sent: ReturnType<typeof toStatus>): number {
  const details = sent.metadata.get(STATUS_DETAILS_KEY)[0];
  return encodeURI(sent.details).length + Buffer.from(details ?? '').toString('base64').length;
}

describe('an error on its way to a client', () => {
  it('comes back whole', () => {
    for (const code of CODES) {
      const error = new VmplantsError(code, `wrong: ${code}`, {
        reason: 'SOME_REASON',
        hint: 'do something else',
        violations: [
          { field: 'actions[2].after[0]', description: 'unknown action "a"' },
          { field: 'hardware.vcpus', description: 'expected 1 to 64, found 0' },
        ],
        actionFailure: { action: 'install', status: 256 + 9, outputTail: 'E: no such package\n' },
      });
      const back = fromStatus(toStatus(error));
      expect(back).toBeInstanceOf(VmplantsError);
      expect({ ...back, message: back.message }).toEqual({ ...error, message: error.message });
    }
  });

  it('says nothing of an unexpected error but to the log', () => {
    const logger = recordingLogger();
    const secret = new Error('password=hunter2 at /srv/plant/key');
    const sent = toStatus(secret, logger);
    const bytes = Buffer.from(sent.metadata.get(STATUS_DETAILS_KEY)[0] ?? '').toString('latin1');
    expect(sent.code).toBe(status.INTERNAL);
    expect(sent.details + bytes).not.toContain('hunter2');
    expect(sent.details + bytes).not.toContain('/srv');
    expect(logger.records).toEqual([
      { level: 'error', fields: { err: secret }, message: expect.stringContaining('unexpectedly') },
    ]);
  });

  it('logs nothing about errors that are meant for the client', () => {
    const logger = recordingLogger();
    toStatus(new VmplantsError('NOT_FOUND', 'no such VM'), logger);
    expect(logger.records).toEqual([]);
  });

  it('fits into the trailers that other languages accept, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 6000 }),
        fc.array(
          fc.record({ field: fc.string({ maxLength: 900 }), description: fc.string({ maxLength: 900 }) }),
          {
            maxLength: 25,
          },
        ),
        fc.string({ unit: 'binary', maxLength: 6000 }),
        fc.string({ unit: 'binary', maxLength: 2000 }),
        (message, violations, outputTail, hint) => {
          const sent = toStatus(
            new VmplantsError('FAILED_PRECONDITION', message, {
              violations,
              hint,
              reason: 'X',
              actionFailure: { action: 'a', status: 1, outputTail },
            }),
          );
          expect(trailerBytes(sent)).toBeLessThan(8000);
          expect(fromStatus(sent).code).toBe('FAILED_PRECONDITION');
        },
      ),
    );
  });

  it('keeps the end of a long output and the first of many violations', () => {
    const outputTail = `${'x'.repeat(20_000)}THE END`;
    const failed = fromStatus(
      toStatus(
        new VmplantsError('FAILED_PRECONDITION', 'failed', {
          actionFailure: { action: 'a', status: 1, outputTail },
        }),
      ),
    );
    expect(failed.actionFailure?.outputTail).toMatch(/x{3000}THE END$/);
    const many = Array.from({ length: 20 }, (_, index) => ({
      field: `actions[${index}].name`,
      description: 'd'.repeat(1000),
    }));
    const refused = fromStatus(toStatus(invalidArgument(many)));
    expect(refused.violations.length).toBeGreaterThan(3);
    expect(refused.violations.map((violation) => violation.field)).toEqual(
      many.slice(0, refused.violations.length).map((violation) => violation.field),
    );
  });
});

describe('what a client makes of a status', () => {
  it('takes code and text where there are no details', () => {
    const error = fromStatus({ code: status.UNAVAILABLE, details: 'gone', metadata: new Metadata() });
    expect([error.code, error.message, error.violations]).toEqual(['UNAVAILABLE', 'gone', []]);
  });

  it('puts what the library says of itself into words for the caller', () => {
    const call = { address: 'host:7070', timeoutMilliseconds: 3000 };
    const read = (code: status, details: string) =>
      fromStatus({ code, details, metadata: new Metadata() }, call);
    const late = 'Deadline exceeded after 3.001s,metadata filters: 0.001s,remote_addr=127.0.0.1:7070';
    expect(read(status.DEADLINE_EXCEEDED, late).message).toBe('gave up waiting after 3 s');
    const refused = read(
      status.UNAVAILABLE,
      'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7070. Resolution note: ',
    );
    expect([refused.message, neverConnected(refused)]).toEqual([
      'nothing answers at host:7070 (connection refused)',
      true,
    ]);
    const lost = read(status.UNAVAILABLE, 'read ECONNRESET');
    expect([lost.message, neverConnected(lost)]).toEqual(['the connection to host:7070 was lost', false]);
    expect(refused.reason).toBeUndefined();
  });

  it('leaves the words of a server as they are, whatever its status', () => {
    const call = { address: 'host:7070', timeoutMilliseconds: 3000 };
    const error = new VmplantsError('DEADLINE_EXCEEDED', 'the plant took too long', { reason: 'PLANT_LOST' });
    expect(fromStatus(toStatus(error), call).message).toBe('the plant took too long');
  });

  it('stands details that are garbage', () => {
    const metadata = new Metadata();
    metadata.set(STATUS_DETAILS_KEY, Buffer.from([0xff, 0xff, 0xff, 0x07]));
    const error = fromStatus({ code: status.NOT_FOUND, details: 'none', metadata });
    expect([error.code, error.message]).toEqual(['NOT_FOUND', 'none']);
  });

  it('knows the codes that this system never sends', () => {
    const read = (code: number) => fromStatus({ code, details: '', metadata: new Metadata() }).code;
    expect([status.UNKNOWN, status.OUT_OF_RANGE, 99].map(read)).toEqual([
      'INTERNAL',
      'INVALID_ARGUMENT',
      'INTERNAL',
    ]);
  });

  it('takes an error that is no status for what it is', () => {
    expect(fromStatus(new TypeError('x')).code).toBe('INTERNAL');
    expect(fromStatus(new DOMException('stop', 'AbortError')).code).toBe('CANCELLED');
  });
});
