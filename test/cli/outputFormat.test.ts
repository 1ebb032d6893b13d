import { describe, expect, it } from 'vitest';
import { chooseFormat, wantsJsonErrors } from '../../cli/outputFormat.js';

describe('the form of the output', () => {
  it('is the default of the command unless another is asked for', () => {
    expect(chooseFormat(undefined, ['table', 'json'])).toBe('table');
    expect(chooseFormat('json', ['table', 'json'])).toBe('json');
    expect(() => chooseFormat('classad', ['table', 'json'])).toThrow(
      '-o: expected table, json; found "classad"',
    );
  });

  it.each([[['-o', 'json']], [['list', '-ojson']], [['--output=json']], [['--output', 'json', 'x']]])(
    '%j asks for errors as JSON',
    (args) => expect(wantsJsonErrors(args)).toBe(true),
  );

  it.each([[['-o', 'yaml']], [['list', 'json']], [['exec', 'vm', '--', '-o', 'json']], [[]]])(
    '%j does not',
    (args) => expect(wantsJsonErrors(args)).toBe(false),
  );
});
