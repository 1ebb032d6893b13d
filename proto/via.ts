import type { Metadata } from '@grpc/grpc-js';
import { VmplantsError } from '../model/errors.js';

/** Metadata in which a call names the brokers that it came through, first to last, with commas between them. */
export const VIA_HEADER = 'vmplants-via';

const BROKER_ID = /^[a-z0-9][a-z0-9.-]{0,127}$/;
const MOST_BROKERS = 32;

/**
 * The brokers that a call came through.
 * @throws VmplantsError INVALID_ARGUMENT when the metadata is not as a broker writes it
 */
export function brokersOf(metadata: Metadata): readonly string[] {
  const values = metadata.get(VIA_HEADER);
  if (values.length === 0) return [];
  const brokers = values.join(',').split(',');
  if (brokers.length <= MOST_BROKERS && brokers.every((broker) => BROKER_ID.test(broker))) return brokers;
  throw new VmplantsError(
    'INVALID_ARGUMENT',
    `metadata ${VIA_HEADER}: expected at most ${MOST_BROKERS} ids of brokers with commas between them`,
    { reason: 'MALFORMED_METADATA' },
  );
}
