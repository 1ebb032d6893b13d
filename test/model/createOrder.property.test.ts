import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import { VmplantsError } from '../../model/errors.js';
import { FIELD_NAMES } from '../../model/schema/describeIssue.js';
import { plainRequest } from './plainRequest.js';

/** True for an order, false for INVALID_ARGUMENT with violations; anything else is thrown on. */
function judge(plain: unknown): boolean {
  try {
    createOrder(plain);
    return true;
  } catch (error) {
    if (!(error instanceof VmplantsError) || error.code !== 'INVALID_ARGUMENT') throw error;
    if (error.violations.length < 1 || error.violations.length > 20)
      throw new Error('expected 1 to 20 violations');
    return false;
  }
}

describe('createOrder on any value', () => {
  it('gives an order or INVALID_ARGUMENT for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        judge(value);
        judge({ operatingSystem: { name: 'debian' }, actions: value });
        judge({ operatingSystem: { name: 'debian' }, identity: value });
        judge({ operatingSystem: { name: 'debian' }, actions: [value] });
      }),
      { numRuns: 2000 },
    );
  });

  it('gives an order or INVALID_ARGUMENT for any use of its own field names', () => {
    const key = fc.constantFrom(...FIELD_NAMES, '__proto__', 'constructor', 'toString', 'x');
    const leaf = fc.oneof(
      fc.constantFrom('a', 'b', 'end', 'start', '1GiB', '5m', 'abort', 'host-only', '0644', ''),
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 7, withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(value, (fields) => {
        judge(fields);
        judge({
          operatingSystem: { name: 'a' },
          actions: [{ name: 'a', script: 'x', files: fields, parameters: fields, onError: fields }],
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('survives any one change to a valid request', () => {
    fc.assert(
      fc.property(plainRequest, fc.nat(), fc.jsonValue(), (plain, position, value) => {
        const copy = structuredClone(plain);
        const places = placesOf(copy);
        const place = places[position % places.length];
        if (place !== undefined) place.holder[place.key] = value;
        judge(copy);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('orders', () => {
  it('accepts what the generator of valid requests makes', () => {
    fc.assert(
      fc.property(plainRequest, (plain) => {
        const order = createOrder(plain);
        expect(order.dag.actions.map((action) => action.name)).toEqual(
          plain.actions.map((action) => action.name),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('gives guest actions keys that ignore all names of actions', () => {
    fc.assert(
      fc.property(plainRequest, (plain) => {
        const renamed = structuredClone(plain);
        const rename = (name: string) => (name === 'end' ? name : `r-${name}`.slice(0, 64));
        renameActions(renamed.actions, rename);
        const keys = (request: unknown) =>
          createOrder(request).dag.actions.flatMap((action) => (action.kind === 'guest' ? [action.key] : []));
        expect(keys(renamed)).toEqual(keys(plain));
      }),
      { numRuns: 500 },
    );
  });
});

interface Place {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

function placesOf(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string | number, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

interface Renamed {
  name: string;
  after?: string[] | undefined;
  onError?: { handler?: { actions: Renamed[] } | undefined; then?: unknown } | undefined;
}

function renameActions(actions: Renamed[], rename: (name: string) => string): void {
  for (const action of actions) {
    action.name = rename(action.name);
    if (action.after !== undefined) action.after = action.after.map(rename);
    const then = action.onError?.then;
    if (typeof then === 'object' && then !== null && 'goOnAt' in then)
      then.goOnAt = rename(String(then.goOnAt));
    if (action.onError?.handler !== undefined) renameActions(action.onError.handler.actions, rename);
  }
}
