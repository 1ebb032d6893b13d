import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrder } from '../../model/createOrder.js';
import type { Order } from '../../model/order.js';
import { readRequest } from '../../request/readRequest.js';
import { plainRequest } from '../model/plainRequest.js';
import { writeJson, writeXml, writeYaml } from './writers.js';

describe('a request in any format', () => {
  it('is the same order with the same keys', () => {
    fc.assert(
      fc.property(plainRequest, (plain) => {
        const order = createOrder(plain);
        const written: readonly Order[] = [
          createOrder(readRequest(writeJson(plain, 0), 'json')),
          createOrder(readRequest(writeJson(plain, 2), 'yaml')),
          createOrder(readRequest(writeYaml(plain, 'block'), 'yaml')),
          createOrder(readRequest(writeYaml(plain, 'flow'), 'yaml')),
          createOrder(readRequest(writeYaml(plain, 'quoted'), 'yaml')),
          createOrder(readRequest(writeXml(plain, true), 'xml')),
          createOrder(readRequest(writeXml(plain, false), 'xml')),
        ];
        for (const other of written) {
          expect(other.dag.actions.map((action) => action.key)).toEqual(
            order.dag.actions.map((action) => action.key),
          );
          expect(other.digest).toBe(order.digest);
        }
      }),
      { numRuns: 300 },
    );
  });
});
