import type { CallContext } from '../../proto/handler.js';
import type { Logger } from '../../proto/logger.js';
import type { LineDescription, PlantDescription, Quote } from '../../proto/mapping/plantDescription.js';
import { isQuote } from '../../proto/mapping/plantStatus.js';
import { absentDescription, askDescriptions, descriptionOf, silent } from '../plants.js';
import { BROKER_LOOP, isLoop } from './brokerId.js';
import { type BrokerParts, shopOf } from './brokerParts.js';
import { type Markup, markedUpQuote } from './markup.js';

/** What is behind the broker, and what it is together. A broker that the call came through adds nothing to it. */
export async function describeBroker(
  broker: BrokerParts,
  context: Pick<CallContext, 'brokers' | 'remainingMilliseconds' | 'signal'>,
): Promise<PlantDescription> {
  const { self, markup, version } = broker;
  const answers = await askDescriptions(shopOf(broker, context), context.signal);
  const behind = answers.map((answer) => {
    const { address } = answer.plant;
    const loop = answer.kind === 'error' && isLoop(answer.error) ? answer.error : undefined;
    noteLoop(broker.loops, broker.shop.logger, address, loop?.message);
    return loop === undefined
      ? descriptionOf(answer)
      : silent(answer.plant, `${BROKER_LOOP}: left out: it would lead back to here`);
  });
  const absent = broker.shop.links.absent().map(absentDescription);
  return united({ name: self.name, version }, [...behind, ...absent], markup);
}

/** Said once, and again only after it was gone. */
function noteLoop(known: Set<string>, logger: Logger, address: string, loop: string | undefined): void {
  if (loop === undefined) {
    known.delete(address);
    return;
  }
  if (known.has(address)) return;
  known.add(address);
  logger.warn(
    { address, loop },
    'brokers ask each other in a circle: this one is left out, everything else is served; take it out of the plants',
  );
}

/** One description for all: sums, every line once, and the quote of the cheapest that has room. */
function united(
  broker: Pick<PlantDescription, 'name' | 'version'>,
  behind: readonly PlantDescription[],
  markup: Markup,
): PlantDescription {
  const sum = (of: (plant: PlantDescription) => number): number =>
    behind.reduce((total, plant) => total + of(plant), 0);
  const quote = cheapest(behind, markup);
  return {
    ...broker,
    address: '',
    vms: sum(({ vms }) => vms),
    maxVms: sum(({ maxVms }) => maxVms),
    usedMemoryMiB: sum(({ usedMemoryMiB }) => usedMemoryMiB),
    totalMemoryMiB: sum(({ totalMemoryMiB }) => totalMemoryMiB),
    prepared: sum(({ prepared }) => prepared),
    preparedMemoryMiB: sum(({ preparedMemoryMiB }) => preparedMemoryMiB),
    networksInUse: sum(({ networksInUse }) => networksInUse),
    networks: sum(({ networks }) => networks),
    images: sum(({ images }) => images),
    reserved: sum(({ reserved }) => reserved),
    lines: linesOnce(behind.flatMap(({ lines }) => lines)),
    behind,
    ...(quote === undefined ? {} : { quote }),
  };
}

/** With the mark-up. A quote that is no price is none. */
function cheapest(plants: readonly PlantDescription[], markup: Markup): Quote | undefined {
  const roomy = plants.filter(({ vms, maxVms }) => vms < maxVms);
  const quotesOf = (those: readonly PlantDescription[]): readonly Quote[] =>
    those
      .flatMap(({ quote }) => (quote === undefined || !isQuote(quote) ? [] : [markedUpQuote(quote, markup)]))
      // The mark-up may have made the highest cost infinite.
      .filter(isQuote);
  const quotes = [roomy, plants].map(quotesOf).find(({ length }) => length > 0) ?? [];
  return [...quotes].sort((a, b) => a.cost - b.cost)[0];
}

function linesOnce(lines: readonly LineDescription[]): readonly LineDescription[] {
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
}
