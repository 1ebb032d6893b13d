import fc from 'fast-check';
import { sha256 } from '../../model/canonical.js';

/** Valid requests in the plain shape, with everything that the shape can say. */

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/).filter((text) => text !== 'start' && text !== 'end');
const text = fc
  .string({ maxLength: 40 })
  .filter((value) => !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(value));
// Made once: to make one of a pattern costs more than to draw from it.
const environmentName = fc.stringMatching(/^X[A-Z0-9_]{0,8}$/);
const parameterName = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const label = fc.stringMatching(/^L[A-Z0-9_]{0,10}$/);
const script = fc.stringMatching(/^[ -~\n]{0,40}$/).map((lines) => `echo go\n${lines}`);

const file = fc.record(
  {
    mode: fc.constantFrom('0000', '0600', '0644', '0755', '0777'),
    content: fc.uint8Array({ maxLength: 64 }),
  },
  { requiredKeys: ['content'] },
);

const files = fc
  .array(file, { maxLength: 3 })
  .map((list) => list.map((one, index) => ({ ...one, path: `dir${index}/file-${index}` })));

const after = (previous: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...previous]);

const parameters = (identity: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(
    parameterName,
    identity.length === 0
      ? text
      : fc.oneof(
          text,
          fc.constantFrom(...identity).map((identityName) => ({ identity: identityName })),
        ),
    { maxKeys: 3 },
  );

function action(
  own: string,
  previous: readonly string[],
  identity: readonly string[],
  depth: number,
): fc.Arbitrary<object> {
  const common = {
    name: fc.constant(own),
    after: after(previous),
    identity: fc.boolean(),
    maxAge: fc.integer({ min: 1, max: 1_000_000 }),
    onError: fc.record(
      {
        retries: fc.integer({ min: 0, max: 10 }),
        ...(depth === 0
          ? {}
          : { handler: actions(identity, depth - 1, 1, `${own}.`).map((list) => ({ actions: list })) }),
        then: fc.constantFrom<unknown>('abort', 'continue', { goOnAt: 'end' }),
      },
      { requiredKeys: [] },
    ),
  };
  const guest = fc.record(
    {
      ...common,
      script,
      files,
      parameters: parameters(identity),
      environment: fc.dictionary(environmentName, text, { maxKeys: 3 }),
      timeout: fc.integer({ min: 1, max: 86_400 }),
    },
    { requiredKeys: ['name', 'script'] },
  );
  const host = fc.record(
    {
      ...common,
      host: fc.oneof(
        fc.record({ addDisk: fc.record({ size: fc.integer({ min: 1, max: 100_000 }) }) }),
        fc.constant({ addNetworkInterface: {} }),
        fc
          .tuple(label, files)
          .filter(([, list]) => list.length > 0)
          .map(([volume, list]) => ({ attachIso: { label: volume, files: list } })),
      ),
    },
    { requiredKeys: ['name', 'host'] },
  );
  // After nothing, so never after an identity action, and not in a handler.
  const opaque = fc.record({ name: fc.constant(own), opaque: fc.constant(sha256(own)) });
  return fc.oneof(
    { weight: 3, arbitrary: guest },
    { weight: 1, arbitrary: host },
    ...(depth === 0 ? [] : [{ weight: 1, arbitrary: opaque }]),
  );
}

/** Names are unique in the whole request: those of a handler begin with the name of its action. */
function actions(
  identity: readonly string[],
  depth: number,
  least: number,
  prefix: string,
): fc.Arbitrary<object[]> {
  return fc.uniqueArray(name, { minLength: least, maxLength: 4 }).chain((written) => {
    const names = written.map((one) => prefix + one);
    return fc.tuple(...names.map((own, index) => action(own, names.slice(0, index), identity, depth)));
  });
}

/** A plain request that createOrder accepts. */
export const arbitraryRequest: fc.Arbitrary<object> = fc
  .dictionary(
    fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((key) => key !== 'hostname' && key !== 'constructor'),
    text,
    {
      maxKeys: 3,
    },
  )
  .chain((identity) =>
    fc.record(
      {
        hardware: fc.record(
          {
            isa: fc.constant('x86_64'),
            vcpus: fc.integer({ min: 1, max: 64 }),
            memory: fc.integer({ min: 32, max: 1_048_576 }),
            disk: fc.integer({ min: 0, max: 100_000 }),
          },
          { requiredKeys: [] },
        ),
        operatingSystem: fc.record(
          {
            name: fc.constantFrom('debian', 'micro'),
            version: fc.constant('12'),
            kernel: fc.constant('6.1.0-1'),
          },
          { requiredKeys: ['name'] },
        ),
        network: fc.constantFrom('host-only', 'none'),
        clientDomain: fc.constantFrom('default', 'example.org'),
        line: fc.constant('qemu'),
        identity: fc.constant(identity),
        actions: actions(Object.keys(identity), 1, 0, ''),
      },
      { requiredKeys: ['operatingSystem', 'identity'] },
    ),
  );
