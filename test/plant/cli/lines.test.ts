import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../warehouse/imageFixture.js';
import { runPlant } from './runPlant.js';

// Production lines, as operators name them.

test('a line that is not there is an error that names what to install', async () => {
  const data = await temporaryDirectory();
  const paths = ['--data', data, '--warehouse', `${data}/images`, '--listen', '127.0.0.1:0'];
  const run = await runPlant(['serve', '--line', 'uml', '--uml', '/nonexistent/linux.uml', ...paths]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('/nonexistent/linux.uml');
  expect(run.stderr).toContain('apt-get install user-mode-linux uml-utilities');
});

test('one that cannot freeze machines makes no images, and says which can', async () => {
  const data = await temporaryDirectory();
  const run = await runPlant(['warehouse', 'build', 'micro', '--line', 'uml', '--data', data]);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toContain(
    'no production line here can freeze a machine into a golden image (there is uml)',
  );
});

test.each(['uml,uml', 'fake,qemu', 'qemu,', 'xen', 'qemu uml'])('--line %j is none', async (list) => {
  const run = await runPlant(['serve', '--line', list]);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('Expected qemu, uml or both');
});
