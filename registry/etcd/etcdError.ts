import { asVmplantsError, VmplantsError } from '../../model/errors.js';

/** What a failed call to etcd is thrown as: UNAVAILABLE, ETCD. */
export function etcdError(endpoint: string, what: string, thrown: unknown): VmplantsError {
  if (thrown instanceof VmplantsError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') return asVmplantsError(thrown);
  return new VmplantsError('UNAVAILABLE', `etcd at ${endpoint} did not ${what}: ${whyNot(thrown)}`, {
    reason: 'ETCD',
    cause: thrown,
  });
}

/** The library puts the name of its error class, and at times a stack, around one sentence. */
function whyNot(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (text.includes('ECONNREFUSED') || text.includes('No connection established'))
    return 'nothing answers there';
  if (text.includes('DEADLINE_EXCEEDED') || text.includes('Deadline exceeded')) return 'no answer in time';
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
