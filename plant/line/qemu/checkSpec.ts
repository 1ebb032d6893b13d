import { isAbsolute } from 'node:path';
import { VmplantsError } from '../../../model/errors.js';
import type { CloneSpec } from '../line.js';
import { ADDED_DEVICE_LIMIT } from './devices.js';
import { type QemuHost, vmmName } from './host.js';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const VMID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Whether the spec can be cloned on this host. The planner has chosen accordingly; this stands between its mistakes
 * and a guest that crashes on a memory which is not its own.
 * @throws VmplantsError FAILED_PRECONDITION
 */
export function checkSpec(spec: CloneSpec, host: QemuHost): void {
  if (!VMID.test(spec.vmid))
    throw mismatch('vmid', 'letters, digits, ".", "_" and "-"', JSON.stringify(spec.vmid));
  if (!isAbsolute(spec.directory)) throw mismatch('directory', 'an absolute path', spec.directory);
  if (!UUID.test(spec.generationId))
    throw mismatch('generationId', 'a UUID in lower case', spec.generationId);
  const bad = spec.macs.find((mac) => !MAC.test(mac));
  if (bad !== undefined) throw mismatch('macs', 'addresses like 52:54:00:12:34:56', JSON.stringify(bad));
  checkNumber('vcpus', spec.vcpus, 255);
  checkNumber('memoryMiB', spec.memoryMiB, 1024 * 1024);
  checkDevices(spec);
  if (spec.rung === 'warm') checkMemory(spec, host);
}

function checkNumber(name: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 1 || value > limit) {
    throw mismatch(name, `a whole number from 1 to ${limit}`, String(value));
  }
}

function checkDevices(spec: CloneSpec): void {
  const { devices } = spec.image.descriptor;
  const interfaces = devices.filter((one) => one.kind === 'network-interface').length;
  const wanted = interfaces + (spec.network === 'none' ? 0 : 1);
  if (spec.macs.length !== wanted) throw mismatch('macs', `${wanted} addresses`, String(spec.macs.length));
  const slots = devices.filter((one) => one.kind !== 'iso').length;
  if (slots > ADDED_DEVICE_LIMIT)
    throw mismatch('image.devices', `at most ${ADDED_DEVICE_LIMIT} added devices`, String(slots));
}

function checkMemory(spec: CloneSpec, host: QemuHost): void {
  const { memory } = spec.image.descriptor;
  if (memory === undefined)
    throw mismatch('image', 'a frozen memory for the warm rung', 'an image without one');
  const facts: readonly (readonly [string, string | number, string | number])[] = [
    ['memoryMiB', memory.memoryMiB, spec.memoryMiB],
    ['vcpus', memory.vcpus, spec.vcpus],
    ['network', memory.network, spec.network],
    ['accelerator', memory.accelerator, host.accelerator],
    ['cpuModel', memory.cpuModel, host.cpuModel],
    ['vmm', memory.vmm, vmmName(host.version)],
  ];
  for (const [name, frozen, given] of facts) {
    if (frozen !== given) throw mismatch(`${name} of the frozen memory`, String(given), String(frozen));
  }
}

function mismatch(field: string, expected: string, found: string): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `clone: ${field}: expected ${expected}, found ${found}`, {
    reason: 'SPEC_UNSUITABLE',
  });
}
