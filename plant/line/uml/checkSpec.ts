import { isAbsolute } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { CloneSpec } from '../line.js';
import { ADDED_DISK_LIMIT } from './devices.js';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const VMID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** User-Mode Linux is built for one processor. */
export const MAX_VCPUS = 1;
/** Below it, its kernel does not come up. */
export const MIN_MEMORY_MIB = 64;

/**
 * Whether the spec can be cloned on this line. The planner has chosen accordingly; this stands between its mistakes
 * and a machine that is not what was asked for.
 * @throws VmplantsError FAILED_PRECONDITION
 */
export function checkSpec(spec: CloneSpec): void {
  if (!VMID.test(spec.vmid))
    throw mismatch('vmid', 'letters, digits, ".", "_" and "-"', JSON.stringify(spec.vmid));
  if (!isAbsolute(spec.directory)) throw mismatch('directory', 'an absolute path', spec.directory);
  const bad = spec.macs.find((mac) => !MAC.test(mac));
  if (bad !== undefined) throw mismatch('macs', 'addresses like 52:54:00:12:34:56', JSON.stringify(bad));
  if (spec.rung !== 'disk') throw mismatch('rung', 'disk: this line resumes no memory', spec.rung);
  checkNumber('vcpus', spec.vcpus, 1, MAX_VCPUS);
  checkNumber('memoryMiB', spec.memoryMiB, MIN_MEMORY_MIB, 1024 * 1024);
  const { devices } = spec.image.descriptor;
  const count = (kind: string): number => devices.filter((one) => one.kind === kind).length;
  const wanted = count('network-interface') + (spec.network === 'none' ? 0 : 1);
  if (spec.macs.length !== wanted) throw mismatch('macs', `${wanted} addresses`, String(spec.macs.length));
  if (count('disk') > ADDED_DISK_LIMIT)
    throw mismatch('image.devices', `at most ${ADDED_DISK_LIMIT} added disks`, String(count('disk')));
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw mismatch(name, `a whole number from ${least} to ${most}`, String(value));
}

function mismatch(field: string, expected: string, found: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `clone: ${field}: expected ${expected}, found ${found}`, {
    reason: 'SPEC_UNSUITABLE',
  });
}
