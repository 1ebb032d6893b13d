import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { BidResponse } from '../../proto/gen/vmplants/v1/BidResponse.js';
import { contracts } from '../../proto/load.js';

/**
 * Servers of the generated service and nothing else, each with a socket of its own: every question is decoded and
 * answered with the same message. They end with the process.
 */
export async function openBarePlants(
  count: number,
  answer: BidResponse,
): Promise<{ readonly addresses: readonly string[] }> {
  const addresses: string[] = [];
  for (let number = 0; number < count; number++) {
    const server = new Server();
    server.addService(
      { Bid: contracts().plant.Bid },
      {
        Bid: (_call: unknown, callback: (error: null, answer: BidResponse) => void): void =>
          callback(null, answer),
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    addresses.push(`127.0.0.1:${port}`);
  }
  return { addresses };
}
