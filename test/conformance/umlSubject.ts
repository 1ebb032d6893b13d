import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUmlLine } from '../../plant/line/uml/open.js';
import { patience } from './conversation.js';
import { deafDaemon } from './deafDaemon.js';
import { makeMicroImage } from './microImage.js';
import type { LineSubject } from './subject.js';

/** User-Mode Linux, with the same image that QEMU's machines are made from. */
export const umlSubject: LineSubject = {
  name: 'uml',
  create: (directory) =>
    openUmlLine(
      {
        binary: '/usr/bin/linux.uml',
        mconsole: '/usr/bin/uml_mconsole',
        expandedDirectory: join(directory, 'expanded'),
        temporaryDirectory: tmpdir(),
      },
      patience(),
    ),
  goldenImage: (directory) => makeMicroImage(directory),
  deaf: deafDaemon,
};
