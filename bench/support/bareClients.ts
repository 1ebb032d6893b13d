import { Client, credentials } from '@grpc/grpc-js';
import type { BidRequest } from '../../proto/gen/vmplants/v1/BidRequest.js';
import type { BidResponse__Output } from '../../proto/gen/vmplants/v1/BidResponse.js';
import { contracts } from '../../proto/load.js';

/** Clients of the generated service and nothing else, one for each address. */
export interface BareClients {
  /** Asks all at once and waits for all. */
  readonly ask: (request: BidRequest, timeoutMilliseconds: number) => Promise<readonly BidResponse__Output[]>;
  readonly close: () => void;
}

export function openBareClients(addresses: readonly string[]): BareClients {
  const clients = addresses.map((address) => new Client(address, credentials.createInsecure()));
  const { path, requestSerialize, responseDeserialize } = contracts().plant.Bid;
  return {
    ask: (request, timeoutMilliseconds) =>
      Promise.all(
        clients.map(
          (client) =>
            new Promise<BidResponse__Output>((resolve, reject) => {
              const deadline = Date.now() + timeoutMilliseconds;
              client.makeUnaryRequest(
                path,
                requestSerialize,
                responseDeserialize,
                request,
                { deadline },
                (error, answer) => {
                  if (error !== null) reject(error);
                  else if (answer === undefined) reject(new Error('the server sent no answer'));
                  else resolve(answer);
                },
              );
            }),
        ),
      ),
    close: () => {
      for (const client of clients) client.close();
    },
  };
}
