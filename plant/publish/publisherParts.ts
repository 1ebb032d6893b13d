import type { Order } from '../../model/order.js';
import type { BakeParts } from '../bake/bakeParts.js';
import type { InformationSystem } from '../info/informationSystem.js';
import type { ProductionLine } from '../line/line.js';
import type { Machines } from '../machines.js';
import type { ImageSource } from '../parts.js';

/** What VMs are published with. */
export interface PublisherParts extends Omit<BakeParts, 'line'> {
  readonly lines: readonly ProductionLine[];
  readonly info: Pick<InformationSystem, 'get'>;
  readonly machines: Pick<Machines, 'get'>;
  readonly warehouse: Pick<ImageSource, 'images' | 'get'> & {
    /** Looks at everything now, so that what was published is there when its publication ends. */
    readonly refresh: () => Promise<void>;
  };
  /** The VM's order, as far as this plant still knows it; without its identity, and perhaps without what had one. */
  readonly orderOf: (vmid: string) => Order | undefined;
}
