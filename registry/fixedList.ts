import { invalidArgument } from '../model/errors.js';
import type { Registry } from './registry.js';

/**
 * A registry of plants that are written down. INVALID_ARGUMENT, with the position, for an empty address or one that
 * is there twice (a plant asked twice would bid against itself).
 */
export function fixedList(addresses: readonly string[]): Registry {
  const violations = addresses.flatMap((address, index) => {
    const field = `plants[${index}]`;
    if (address.trim() === '')
      return [{ field, description: 'expected the address of a plant, found an empty one' }];
    return addresses.indexOf(address) < index
      ? [{ field, description: `expected every plant once, found ${JSON.stringify(address)} a second time` }]
      : [];
  });
  if (violations.length > 0) throw invalidArgument(violations);
  const plants = Object.freeze(addresses.map((address) => Object.freeze({ address })));
  return {
    plants: () => plants,
    // Who is written down and does not answer is asked all the same.
    absent: () => [],
    onChange: () => () => {},
    warning: () => undefined,
    close: async () => {},
  };
}
