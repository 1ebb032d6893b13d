import { describe, expect, it } from 'vitest';
import { parseScript } from '../../../../plant/line/fake/script.js';

describe('the scripts of the fake guest', () => {
  it('are echo, sleep, exit and comments', () => {
    const script = [
      '#!/bin/sh',
      '',
      'echo hello world',
      '  echo "in quotes, = and > too"',
      "echo 'single'",
      'echo PORT=80 >> "$VMPLANTS_ATTRIBUTES"',
      'echo "NAME=two words" >> "$VMPLANTS_ATTRIBUTES"',
      'sleep 1.5',
      'exit 3',
      'echo never',
    ].join('\n');
    expect(parseScript(script)).toEqual([
      { kind: 'output', text: 'hello world\n' },
      { kind: 'output', text: 'in quotes, = and > too\n' },
      { kind: 'output', text: 'single\n' },
      { kind: 'attribute', name: 'PORT', value: '80' },
      { kind: 'attribute', name: 'NAME', value: 'two words' },
      { kind: 'sleep', seconds: 1.5 },
      { kind: 'exit', status: 3 },
    ]);
  });

  it.each([
    'apt-get install x',
    'echo $HOME',
    'echo a > /file',
    'echo a; reboot',
    'sleep -1',
    'echo `id`',
    'exit many',
  ])('are not %j: that ends with 127, and says why', (line) => {
    expect(parseScript(`echo before\n${line}\necho after`)).toEqual([
      { kind: 'output', text: 'before\n' },
      { kind: 'output', text: `fake guest: not one of the forms it understands: ${line}\n` },
      { kind: 'exit', status: 127 },
    ]);
  });
});
