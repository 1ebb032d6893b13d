import { VmplantsError } from '../../model/errors.js';

/** A kernel module as found in a kernel package. */
export interface KernelModule {
  /** Path relative to the modules' directory, for example `kernel/drivers/block/virtio_blk.ko`. */
  readonly path: string;
  /** Names (with `_`, as the kernel says them) of the modules that it needs. */
  readonly depends: readonly string[];
}

/** A module's name as the kernel says it: file names may have `-` where names have `_`. */
export function moduleName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.ko$/, '').replaceAll('-', '_');
}

/**
 * What a module file says it depends on, from its `.modinfo` section. A package has no `modules.dep`: that is made
 * where the kernel is installed.
 */
export function readDepends(file: Uint8Array): readonly string[] {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');
  const found = /\0depends=([A-Za-z0-9_,-]*)\0/.exec(text);
  return (found?.[1] ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map(moduleName);
}

/**
 * The wanted modules and all that they need, each after what it needs. Wanted modules that are in `builtIn` are
 * left out. Throws FAILED_PRECONDITION for one that is nowhere.
 */
export function loadOrder(
  wanted: readonly string[],
  modules: ReadonlyMap<string, KernelModule>,
  builtIn: ReadonlySet<string>,
): readonly KernelModule[] {
  const ordered: KernelModule[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(name) || builtIn.has(name)) return;
    visited.add(name);
    const module = modules.get(name);
    if (module === undefined) {
      throw new VmplantsError('FAILED_PRECONDITION', `the kernel package has no module ${name}`, {
        reason: 'MODULE_MISSING',
      });
    }
    module.depends.forEach(visit);
    ordered.push(module);
  };
  wanted.forEach(visit);
  return ordered;
}
