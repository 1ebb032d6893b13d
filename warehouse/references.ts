import { type FieldViolation, VmplantsError } from '../model/errors.js';
import type { GoldenImage } from '../model/goldenImage.js';

/** A file that a descriptor names, and the field that names it. */
export interface FileReference {
  readonly field: string;
  readonly path: string;
}

/** Every file that the descriptor gives a role, in the order of its fields. A file has one role only. */
export function fileReferences(image: Omit<GoldenImage, 'files'>): readonly FileReference[] {
  return [
    { field: 'disk.file', path: image.disk.file },
    ...(image.memory === undefined
      ? []
      : [
          { field: 'memory.file', path: image.memory.file },
          { field: 'memory.deviceStateFile', path: image.memory.deviceStateFile },
        ]),
    { field: 'boot.kernel', path: image.boot.kernel },
    { field: 'boot.initrd', path: image.boot.initrd },
    ...image.devices.flatMap((device, index) =>
      device.kind === 'network-interface' ? [] : [{ field: `devices[${index}].file`, path: device.file }],
    ),
  ];
}

/** Rejects a descriptor in which one file has two roles, backs itself, or says its memory's size twice over. */
export function checkRoles(image: Omit<GoldenImage, 'files'>): void {
  const violations: FieldViolation[] = [];
  const roles = new Map<string, string>();
  for (const { field, path } of fileReferences(image)) {
    const other = roles.get(path);
    if (other !== undefined)
      violations.push({ field, description: `expected another file than ${other}; found ${path}` });
    roles.set(path, field);
  }
  if (image.disk.backingImage === image.name) {
    violations.push({ field: 'disk.backingImage', description: 'expected another image; found this one' });
  }
  if (image.disk.backingDigest !== undefined && image.disk.backingImage === undefined) {
    violations.push({
      field: 'disk.backingDigest',
      description: 'expected only together with disk.backingImage',
    });
  }
  if (violations.length > 0) throw incomplete(image.name, violations);
}

/**
 * Rejects a descriptor whose `files` are not exactly the files that it names: in a warehouse, unlike in a
 * descriptor for planning alone, every file counts.
 */
export function checkFiles(image: GoldenImage): void {
  checkRoles(image);
  const references = fileReferences(image);
  const violations: FieldViolation[] = [];
  const listed = new Set<string>();
  const named = new Set(references.map((reference) => reference.path));
  image.files.forEach((file, index) => {
    if (listed.has(file.path))
      violations.push({ field: `files[${index}].path`, description: `${file.path} is there twice` });
    if (!named.has(file.path)) {
      violations.push({
        field: `files[${index}].path`,
        description: `${file.path} has no role in the image`,
      });
    }
    listed.add(file.path);
  });
  for (const { field, path } of references) {
    if (!listed.has(path))
      violations.push({ field, description: `expected ${path} in files; found it missing` });
  }
  const memory = image.memory;
  const bytes = image.files.find((file) => file.path === memory?.file)?.bytes;
  if (memory !== undefined && bytes !== undefined) {
    const violation = memorySizeViolation(memory.memoryMiB, bytes);
    if (violation !== undefined) violations.push(violation);
  }
  if (violations.length > 0) throw incomplete(image.name, violations);
}

/**
 * A memory file is mapped, never read: one of another size would be read beyond its end, or be lengthened by the
 * monitor that maps it.
 */
function memorySizeViolation(memoryMiB: number, bytes: number): FieldViolation | undefined {
  if (bytes === memoryMiB * 2 ** 20) return undefined;
  return {
    field: 'memory.file',
    description: `expected exactly ${memoryMiB} MiB (memory.memoryMiB); found ${bytes} bytes`,
  };
}

function incomplete(name: string, violations: readonly FieldViolation[]): VmplantsError {
  const first = violations[0];
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  return new VmplantsError(
    'INVALID_ARGUMENT',
    `${name}: ${first?.field ?? ''}: ${first?.description ?? ''}${more}`,
    { reason: 'BAD_DESCRIPTOR', violations, hint: 'docs/image.schema.json describes the descriptor' },
  );
}
