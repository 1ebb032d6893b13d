import { createFakeLine, type FakeLineOptions } from '../../../plant/line/fake/line.js';
import type { ProductionLine } from '../../../plant/line/line.js';

/**
 * A second fake line that can do what User-Mode Linux can: it boots every clone, has one processor, brings a kernel of
 * its own, and neither freezes nor copies machines.
 */
export function createBootingLine(options: FakeLineOptions = {}): ProductionLine {
  const line = createFakeLine({ timeScale: 0.01, ...options });
  return {
    ...line,
    name: 'uml',
    capabilities: { ...line.capabilities, resume: false, freeze: false, snapshot: false },
    environment: {
      line: 'uml',
      accelerator: 'uml',
      cpuModel: 'host',
      vmm: 'fake 1',
      resumes: false,
      guestKernel: '1-fake',
      maxVcpus: 1,
    },
  };
}
