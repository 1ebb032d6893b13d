/** One call of a method that was watched; a call that rejects is noted too. */
export interface TimedCall {
  readonly name: string;
  readonly began: number;
  readonly ended: number;
}

/**
 * The same object, every method of which tells when it was called and when it was over: when it returned, or when
 * the promise that it gave was settled.
 * @param prefix put before the name of the method
 */
export function timedCalls<T extends object>(
  target: T,
  prefix: string,
  now: () => number,
  note: (call: TimedCall) => void,
): T {
  return new Proxy(target, {
    get: (object, property) => {
      const found: unknown = Reflect.get(object, property);
      if (typeof found !== 'function' || typeof property !== 'string') return found;
      return (...args: readonly unknown[]): unknown => {
        const began = now();
        const over = (): void => note({ name: `${prefix}${property}`, began, ended: now() });
        const result: unknown = Reflect.apply(found, object, args);
        if (result instanceof Promise) return result.finally(over);
        over();
        return result;
      };
    },
  });
}
