/** An action of a request, as clients write it. */
export interface RequestedAction {
  readonly name: string;
  readonly script?: string;
  readonly [field: string]: unknown;
}

/** A request for a micro guest that the base image's frozen memory fits. */
export function microRequest(
  actions: readonly RequestedAction[],
  rest: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { hardware: { memory: '128MiB' }, operatingSystem: { name: 'micro' }, actions, ...rest };
}

/** A request for a Debian guest that the base image's frozen memory fits. */
export function debianRequest(
  actions: readonly RequestedAction[],
  rest: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    hardware: { memory: '512MiB' },
    operatingSystem: { name: 'debian', version: '12' },
    actions,
    ...rest,
  };
}
