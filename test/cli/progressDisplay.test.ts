import { describe, expect, it } from 'vitest';
import { createProgressDisplay } from '../../cli/progressDisplay.js';
import type { Terminal } from '../../cli/terminal.js';
import { fakeEnvironment, keptScreen } from './fakeTerminal.js';

function display(isTTY: boolean, quiet = false) {
  const kept = keptScreen({ isTTY, columns: 40 });
  const terminal: Terminal = { ...fakeEnvironment([]).environment.terminal, stderr: kept.screen };
  return { ...createProgressDisplay(terminal, { quiet, now: () => 0 }), text: kept.text };
}

describe('progress', () => {
  it('is one plain line for every step where there is no terminal', () => {
    const shown = display(false);
    shown.note('vm-a: accepted');
    shown.report({ phase: 'clone', message: 'copy-on-write' });
    shown.report({ phase: 'configure', action: 'install', message: 'done \u001b[2J', seconds: 2.14 });
    shown.end();
    expect(shown.text()).toBe(
      'vm-a: accepted\nclone: copy-on-write\nconfigure install: done \\x1b[2J (2.1 s)\n',
    );
  });

  it('rewrites one line on a terminal, keeps what has ended, and leaves nothing half drawn', () => {
    const shown = display(true);
    shown.report({ phase: 'clone', message: 'x'.repeat(100) });
    shown.report({ phase: 'clone', message: 'done', seconds: 0.04 });
    shown.report({ phase: 'start', message: 'resuming' });
    shown.end();
    const drawn = shown.text().split('\r\u001b[2K');
    expect(drawn[1]).toHaveLength(40);
    expect(drawn[2]).toBe('✓ clone: done (0.04 s)\n');
    expect(drawn[3]).toBe('  start: resuming 0.00 s');
    expect(drawn.at(-1)).toBe('');
    expect(shown.text().split('\n')).toHaveLength(2);
  });

  it('is not there at all when quiet', () => {
    const shown = display(true, true);
    shown.note('a');
    shown.report({ phase: 'clone', message: 'b' });
    shown.end();
    expect(shown.text()).toBe('');
  });
});
