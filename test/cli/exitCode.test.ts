import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../cli/exitCode.js';
import { type ErrorCode, VmplantsError } from '../../model/errors.js';

describe('exit codes', () => {
  it.each<[ErrorCode, string | undefined, number]>([
    ['INTERNAL', undefined, 1],
    ['ALREADY_EXISTS', undefined, 1],
    ['FAILED_PRECONDITION', 'ACTION_FAILED', 1],
    ['INVALID_ARGUMENT', undefined, 2],
    ['NOT_FOUND', undefined, 3],
    ['PERMISSION_DENIED', undefined, 4],
    ['UNAUTHENTICATED', undefined, 4],
    ['RESOURCE_EXHAUSTED', 'TOO_MANY_CREATIONS', 4],
    ['FAILED_PRECONDITION', 'NO_MATCHING_IMAGE', 5],
    ['RESOURCE_EXHAUSTED', 'PLANTS_FULL', 5],
    ['DEADLINE_EXCEEDED', undefined, 6],
    ['UNAVAILABLE', undefined, 7],
    ['CANCELLED', undefined, 130],
  ])('%s %s ends with %d', (code, reason, exit) => {
    expect(exitCodeOf(new VmplantsError(code, 'x', reason === undefined ? {} : { reason }))).toBe(exit);
  });
});
