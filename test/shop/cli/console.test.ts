import { describe, expect, it } from 'vitest';
import { untilEscape } from '../../../shop/cli/consoleInput.js';
import { startFakeShop, VMID } from './fakeShop.js';
import { runShop } from './runShop.js';

async function typed(...chunks: string[]): Promise<{ readonly text: string; readonly left: boolean }> {
  let left = false;
  const parts: Uint8Array[] = [];
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  for await (const part of untilEscape(input(), () => {
    left = true;
  })) {
    parts.push(part);
  }
  return { text: Buffer.concat(parts).toString(), left };
}

describe('what is typed at a console', () => {
  it('ends at Ctrl-], and what follows is not sent', async () => {
    expect(await typed('ab', 'c\u001dd', 'e')).toEqual({ text: 'abc', left: true });
  });

  it('takes Ctrl-C and everything else as input', async () => {
    expect(await typed('\u0003\u001b[A')).toEqual({ text: '\u0003\u001b[A', left: false });
  });
});

describe('vmshop console', () => {
  it('sends what is typed and writes what comes, until the machine ends it', async () => {
    const shop = await startFakeShop();
    try {
      const run = await runShop(['console', VMID, '--address', shop.address], { stdin: 'root\r' });
      expect(run.exitCode).toBe(0);
      expect(run.stdout).toBe(`${VMID} login: root\r`);
    } finally {
      await shop.stop();
    }
  });

  it('ends at Ctrl-] however long the machine would go on', async () => {
    const shop = await startFakeShop({
      async *console(input) {
        for await (const _message of input) yield { data: Buffer.from('.') };
        await new Promise(() => {});
      },
    });
    try {
      const run = await runShop(['console', VMID, '--address', shop.address], { stdin: 'a\u001d' });
      expect(run.exitCode).toBe(0);
      expect(run.stderr).toContain('the connection has ended');
    } finally {
      await shop.stop();
    }
  });
});
