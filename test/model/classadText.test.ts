import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Classad, ClassadValue } from '../../model/classad.js';
import { classadToJson, renderClassad } from '../../model/classadText.js';
import { parseClassad } from '../../model/parseClassad.js';

describe('a classad as text', () => {
  it('is written in the new ClassAd syntax', () => {
    const classad: Classad = {
      VMID: 'vm-1',
      Memory: 512,
      Load: 0.5,
      Huge: 1e21,
      Whole: true,
      Ports: [22, 5901],
      Empty: [],
      Image: { Name: 'debian "12"', None: {} },
      'ssh-key': 'a\\b',
      true: 1,
      Parent: 2,
    };
    expect(renderClassad(classad)).toBe(
      [
        '[',
        '  VMID = "vm-1";',
        '  Memory = 512;',
        '  Load = 0.5;',
        '  Huge = 1.0E+21;',
        '  Whole = true;',
        '  Ports = { 22, 5901 };',
        '  Empty = { };',
        '  Image = [',
        '    Name = "debian \\"12\\"";',
        '    None = [ ];',
        '  ];',
        '  \'ssh-key\' = "a\\\\b";',
        "  'true' = 1;",
        "  'Parent' = 2;",
        ']',
        '',
      ].join('\n'),
    );
  });

  it('shows nothing that a terminal would obey', () => {
    const nasty = 'a\u001b[31m\u0007\r\n\u009b2J\u202e\u2028\0';
    const text = renderClassad({ [`n${nasty}`]: nasty });
    expect(text).toContain('\\033[31m\\007\\r\\n\\302\\2332J\\342\\200\\256\\342\\200\\250\ufffd');
    const json = classadToJson({ [`n${nasty}`]: nasty, real: Number.NaN });
    for (const shown of [text, json])
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json)).toEqual({ [`n${nasty}`]: nasty, real: '/Expr(real("NaN"))/' });
  });

  it('reads what others write', () => {
    const text = `[ A=1;b = -2.5e3 ; /* comment */ C = "x\\tA\\101"; D = {TRUE, [ E = real("-INF") ]}; a = 7 // last\n]`;
    expect(parseClassad(text)).toEqual({
      A: 7,
      b: -2500,
      C: 'x\tAA',
      D: [true, { E: Number.NEGATIVE_INFINITY }],
    });
  });

  it.each([
    '',
    '[',
    '[ A ]',
    '[ A = ]',
    '[ A = B ]',
    '[ A = "x ]',
    '[ A = "\\q" ]',
    '[ = 1 ]',
    '[ ] x',
    '[ A = {1 2} ]',
    `[ A = ${'{'.repeat(100)}`,
  ])('refuses %j', (text) => expect(() => parseClassad(text)).toThrow(/classad, offset \d+: expected/));

  it('comes back from its text unchanged', () => {
    const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));
    const { value } = fc.letrec<{ value: ClassadValue; classad: Classad }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.boolean(),
        fc.double(),
        fc.maxSafeInteger(),
        fc.array(tie('value'), { maxLength: 4 }),
        tie('classad'),
      ),
      // Names that differ in case only are one attribute.
      classad: fc
        .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 4, selector: ([name]) => name.toLowerCase() })
        .map((entries) => Object.fromEntries(entries)),
    }));
    fc.assert(
      fc.property(value, (inner) => {
        const classad = { inner };
        expect(parseClassad(renderClassad(classad))).toEqual(classad);
      }),
      { numRuns: 2000 },
    );
  });
});
