import fc from 'fast-check';

/** A valid action in the plain shape; what is generated only uses forms that every format can write. */
export interface PlainAction {
  name: string;
  after?: string[] | undefined;
  script?: string | undefined;
  files?: PlainFile[] | undefined;
  parameters?: Record<string, string | { identity: string }> | undefined;
  environment?: Record<string, string> | undefined;
  timeout?: number | string | undefined;
  identity?: boolean | undefined;
  maxAge?: string | undefined;
  host?: PlainHost | undefined;
  opaque?: string | undefined;
  onError?: PlainErrorHandling | undefined;
}

export interface PlainFile {
  path: string;
  mode?: string | undefined;
  content?: string | undefined;
  base64?: string | undefined;
}

export interface PlainHost {
  addDisk?: { size: string | number } | undefined;
  attachIso?: { label: string; files: PlainFile[] } | undefined;
  addNetworkInterface?: Record<string, never> | undefined;
}

export interface PlainErrorHandling {
  retries?: number | undefined;
  handler?: { actions: PlainAction[] } | undefined;
  then?: 'abort' | 'continue' | { goOnAt: string } | undefined;
}

export interface PlainRequest {
  hardware?:
    | {
        isa?: 'x86_64' | undefined;
        vcpus?: number | undefined;
        memory?: string | number | undefined;
        disk?: string | number | undefined;
      }
    | undefined;
  operatingSystem: { name: string; version?: string | undefined; kernel?: string | undefined };
  network?: 'host-only' | 'none' | undefined;
  clientDomain?: string | undefined;
  line?: string | undefined;
  identity: Record<string, string>;
  actions: PlainAction[];
}

const MOST_HANDLER_DEPTH = 2;
const IDENTITY_NAMES = ['user', 'ssh-key', 'token'] as const;

/** Anything that a text may hold, as far as XML 1.0 can carry it. */
const anyText = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('<', '&', '"', "'", ']]>', '\n', '\t', ' ', '#', ': ', '- ', '\\'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold these, and it turns \r into \n
  .map((text) => text.replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, ''));
const script = anyText.map((text) => `${text}echo done`);
const line = anyText.map((text) => text.replace(/[\p{Cc}\u2028\u2029]/gu, ''));
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const plainFile: fc.Arbitrary<PlainFile> = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9]{1,6}(\/[a-z0-9._+@=,~-]{1,6}z){0,2}$/),
    maybe(fc.constantFrom('0644', '0755', '600')),
    anyText,
    fc.boolean(),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(([path, mode, content, binary, bytes]) => ({
    path,
    mode,
    ...(binary ? { base64: Buffer.from(bytes).toString('base64') } : { content }),
  }));
const files = fc.uniqueArray(plainFile, { maxLength: 3, selector: (file) => file.path.split('/')[0] ?? '' });

const guestWork = fc.record({
  script,
  files: maybe(files),
  parameters: maybe(
    fc.dictionary(
      fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/),
      fc.oneof(
        anyText,
        fc.constantFrom(...IDENTITY_NAMES, 'hostname').map((identity) => ({ identity })),
      ),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
  environment: maybe(
    fc.dictionary(fc.stringMatching(/^[A-OQ-U][A-Z0-9_]{0,8}$/), anyText, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
  timeout: maybe(fc.oneof(fc.integer({ min: 1, max: 86_400 }), fc.constantFrom('500ms', '90s', '5m', '1h'))),
});
const hostWork = fc.record({
  host: fc.oneof(
    fc.integer({ min: 1, max: 10_000 }).map((size): PlainHost => ({ addDisk: { size } })),
    fc.constant<PlainHost>({ addDisk: { size: '2GiB' } }),
    fc.tuple(fc.stringMatching(/^[A-U0-9_]{1,12}$/), files).map(
      ([label, list]): PlainHost => ({
        attachIso: {
          label,
          files: [{ path: '0.first', content: 'x' }, ...list.filter((file) => !file.path.startsWith('0.'))],
        },
      }),
    ),
    fc.constant<PlainHost>({ addNetworkInterface: {} }),
  ),
});

/** Only in the request's own graph, and made different from each other by their place in it. */
const opaqueWork = fc
  .uint8Array({ minLength: 31, maxLength: 31 })
  .map((bytes) => ({ opaque: Buffer.from(bytes).toString('hex') }));

/** A graph of up to six actions, edges from earlier to later ones, handlers nested at most `handlerDepth` deep. */
function graph(prefix: string, handlerDepth: number): fc.Arbitrary<PlainAction[]> {
  const step = fc.record({
    work: fc.oneof(
      { weight: 4, arbitrary: guestWork },
      { weight: 1, arbitrary: hostWork },
      ...(handlerDepth < MOST_HANDLER_DEPTH ? [] : [{ weight: 1, arbitrary: opaqueWork }]),
    ),
    identity: maybe(fc.boolean()),
    maxAge: maybe(fc.constantFrom('7d', '1h')),
    edges: fc.array(fc.nat(), { maxLength: 3 }),
    retries: maybe(fc.integer({ min: 0, max: 10 })),
    then: maybe(fc.constantFrom('abort' as const, 'continue' as const, { goOnAt: 'end' })),
    handles: fc.boolean(),
    suffix: fc.stringMatching(/^[a-zA-Z0-9._-]{0,6}$/),
  });
  const handlers =
    handlerDepth === 0
      ? fc.constant([])
      : fc.array(
          graph(`${prefix}h`, handlerDepth - 1).filter((actions) => actions.length > 0),
          { maxLength: 1 },
        );
  return fc
    .tuple(fc.array(step, { maxLength: handlerDepth === 0 ? 2 : 5 }), handlers)
    .map(([steps, [handler]]) => {
      const names = steps.map(({ suffix }, index) => `${prefix}${index}${suffix}`);
      let handlerLeft = handler;
      /** Whether an image may hold the action: an opaque one follows no other. */
      const cacheable: boolean[] = [];
      return steps.map(({ work, identity, maxAge, edges, retries, then, handles }, index) => {
        const before = index === 0 ? [] : edges.map((edge) => edge % index);
        if ('opaque' in work) {
          cacheable.push(true);
          const after = before
            .filter((place) => cacheable[place] === true)
            .map((place) => names[place] ?? '');
          const opaque = `${work.opaque}0${index}`;
          return { name: names[index] ?? '', ...(after.length === 0 ? {} : { after }), opaque };
        }
        const own = identity === true || ('script' in work && takesIdentity(work.parameters));
        cacheable.push(!own && before.every((place) => cacheable[place] === true));
        const mine = handles ? handlerLeft : undefined;
        if (handles) handlerLeft = undefined;
        const onError = { retries, ...(mine === undefined ? {} : { handler: { actions: mine } }), then };
        return {
          name: names[index] ?? '',
          ...(before.length === 0 ? {} : { after: before.map((place) => names[place] ?? '') }),
          ...work,
          identity,
          maxAge,
          onError,
        };
      });
    });
}

function takesIdentity(parameters: PlainAction['parameters']): boolean {
  return Object.values(parameters ?? {}).some((value) => typeof value !== 'string');
}

/** Valid requests: every one becomes an order, and can be written in every format. */
export const plainRequest: fc.Arbitrary<PlainRequest> = fc.record({
  hardware: maybe(
    fc.record({
      vcpus: maybe(fc.integer({ min: 1, max: 64 })),
      memory: maybe(fc.constantFrom('512MiB', '2GiB', 64)),
      disk: maybe(fc.constantFrom('4GiB', 100)),
    }),
  ),
  operatingSystem: fc.record({
    name: fc.constantFrom('debian', 'micro'),
    version: maybe(fc.constantFrom('12', '12.10')),
    kernel: maybe(fc.constant('6.1.0-44-cloud-amd64')),
  }),
  network: maybe(fc.constantFrom('host-only' as const, 'none' as const)),
  clientDomain: maybe(fc.constantFrom('example.org', 'lab-1.example.org')),
  line: maybe(fc.constant('qemu')),
  identity: fc
    .tuple(line, line, line, maybe(fc.constantFrom('ws1', 'ws1.example.org')))
    .map(([user, key, token, hostname]) => ({
      user,
      'ssh-key': key,
      token,
      ...(hostname === undefined ? {} : { hostname }),
    })),
  actions: graph('a', MOST_HANDLER_DEPTH),
});
