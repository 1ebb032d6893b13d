import { tmpdir } from 'node:os';
import { createQemuLine } from '../../plant/line/qemu/line.js';
import { probe } from '../../plant/line/qemu/probe.js';
import { patience } from './conversation.js';
import { deafDaemon } from './deafDaemon.js';
import { makeMicroImage } from './microImage.js';
import type { LineSubject } from './subject.js';

export const QEMU_BINARY = '/usr/bin/qemu-system-x86_64';

export const qemuSubject = {
  name: 'qemu',
  create: async () => {
    const options = { binary: QEMU_BINARY, temporaryDirectory: tmpdir(), accelerator: 'auto' } as const;
    return createQemuLine({ host: await probe(options, patience()) });
  },
  goldenImage: (directory) => makeMicroImage(directory),
  deaf: deafDaemon,
} satisfies LineSubject;
