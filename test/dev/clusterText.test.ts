import { describe, expect, it } from 'vitest';
import { exportLine, type ReadyFacts, renderReady } from '../../dev/clusterText.js';

const FACTS: ReadyFacts = {
  cluster: {
    shopAddress: '127.0.0.1:4711',
    members: [
      { name: 'shop', address: '127.0.0.1:4711', pid: 12, logFile: '/tmp/c/logs/shop.log' },
      { name: 'plant-1', address: '127.0.0.1:4712', pid: 345, logFile: '/tmp/c/logs/plant-1.log' },
    ],
  },
  plants: 1,
  brokers: 0,
  line: 'fake',
  seconds: 2.5,
  directory: '/tmp/c',
  kept: false,
  example: '/tmp/c/hello.yaml',
};

describe('what the user of a cluster is told', () => {
  it('is what runs where, what to try, and how it ends', () => {
    expect(renderReady(FACTS)).toBe(`1 plant and a shop (line fake) are ready after 2.5 s

NAME      ADDRESS          PID   LOG
shop      127.0.0.1:4711    12   /tmp/c/logs/shop.log
plant-1   127.0.0.1:4712   345   /tmp/c/logs/plant-1.log

In another terminal:
  export VMSHOP_ADDRESS=127.0.0.1:4711
  vmshop plants --watch
  vmshop create -f /tmp/c/hello.yaml

Ctrl-C ends all of it, collects the VMs and removes its files.
`);
    expect(exportLine('127.0.0.1:4711')).toBe('export VMSHOP_ADDRESS=127.0.0.1:4711\n');
  });

  it('names brokers, a directory that is kept, and paths as a shell takes them', () => {
    const text = renderReady({ ...FACTS, brokers: 2, kept: true, example: "/tmp/it's here/hello.yaml" });
    expect(text).toContain('1 plant behind 2 brokers and a shop');
    expect(text).toContain(`vmshop create -f '/tmp/it'\\''s here/hello.yaml'\n`);
    expect(text).toContain('/tmp/c is kept');
    expect(renderReady({ ...FACTS, example: undefined })).toContain('vmshop create -f REQUEST\n');
  });
});
