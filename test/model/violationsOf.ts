import { createOrder } from '../../model/createOrder.js';
import { VmplantsError } from '../../model/errors.js';

/** What createOrder says against a request, by field. Throws when it finds nothing or fails in another way. */
export function violationsOf(plain: unknown): Readonly<Record<string, string>> {
  try {
    createOrder(plain);
  } catch (error) {
    if (error instanceof VmplantsError && error.code === 'INVALID_ARGUMENT' && error.violations.length > 0) {
      return Object.fromEntries(
        error.violations.map((violation) => [violation.field, violation.description]),
      );
    }
    throw error;
  }
  throw new Error('expected a violation, found an order');
}

/** The smallest valid request around these actions. */
export function requestWith(actions: readonly unknown[], rest: Readonly<Record<string, unknown>> = {}) {
  return { operatingSystem: { name: 'debian' }, ...rest, actions };
}
