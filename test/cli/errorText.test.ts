import { describe, expect, it } from 'vitest';
import { renderError, renderErrorJson } from '../../cli/errorText.js';
import { invalidArgument, VmplantsError } from '../../model/errors.js';

const WRONG_REQUEST = invalidArgument(
  [
    { field: 'actions[2].after[0]', description: 'unknown action "instal"' },
    { field: 'hardware.vcpus', description: 'expected 1 to 64, found 99' },
  ],
  'see docs/request.schema.json',
);

const FAILED_ACTION = new VmplantsError('FAILED_PRECONDITION', 'the action install failed', {
  reason: 'ACTION_FAILED',
  actionFailure: { action: 'install', status: 2, outputTail: 'one\n\u001b[31mtwo\n' },
});

describe('an error for people', () => {
  it('names every wrong field and what to do', () => {
    expect(renderError(WRONG_REQUEST)).toBe(
      [
        'error: 2 places are wrong',
        '  actions[2].after[0]: unknown action "instal"',
        '  hardware.vcpus: expected 1 to 64, found 99',
        'hint: see docs/request.schema.json',
        '',
      ].join('\n'),
    );
  });

  it('keeps what stands before the first of several places, for example the name of the file', () => {
    const named = new VmplantsError('INVALID_ARGUMENT', `a.yaml: ${WRONG_REQUEST.message}`, {
      violations: WRONG_REQUEST.violations,
    });
    expect(renderError(named)).toMatch(/^error: a\.yaml: 2 places are wrong\n {2}actions/);
  });

  it('does not say a second time how an action ended', () => {
    const failed = new VmplantsError('FAILED_PRECONDITION', 'action install failed with status 7', {
      actionFailure: { action: 'install', status: 7, outputTail: 'no\n' },
    });
    expect(renderError(failed)).toBe('error: action install failed with status 7\n  | no\n');
  });

  it("shows the end of a failed action's output, escaped", () => {
    expect(renderError(FAILED_ACTION)).toBe(
      [
        'error: the action install failed',
        '  action install ended with status 2',
        '  | one',
        '  | \\x1b[31mtwo',
        '',
      ].join('\n'),
    );
  });
});

describe('an error for programs', () => {
  it('has the code, the field and the hint', () => {
    expect(JSON.parse(renderErrorJson(WRONG_REQUEST))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'actions[2].after[0]: unknown action "instal" (and 1 more)',
      reason: 'INVALID_REQUEST',
      field: 'actions[2].after[0]',
      fields: WRONG_REQUEST.violations,
      hint: 'see docs/request.schema.json',
    });
  });

  it('has the failed action', () => {
    expect(JSON.parse(renderErrorJson(FAILED_ACTION))).toMatchObject({
      reason: 'ACTION_FAILED',
      actionFailure: { action: 'install', status: 2 },
    });
  });
});
