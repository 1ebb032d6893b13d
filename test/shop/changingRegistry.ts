import type { Registry } from '../../registry/registry.js';

/** A registry whose answer the test changes. */
export interface ChangingRegistry extends Registry {
  /** From now on these are known, and no others. */
  set(plants: readonly { readonly address: string }[]): void;
}

export function changingRegistry(first: readonly { readonly address: string }[]): ChangingRegistry {
  let plants = first.map(({ address }) => ({ address }));
  const listeners = new Set<() => void>();
  return {
    plants: () => plants,
    absent: () => [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    warning: () => undefined,
    close: async () => {},
    set: (next) => {
      plants = next.map(({ address }) => ({ address }));
      for (const listener of [...listeners]) listener();
    },
  };
}
