import type { HostOperation } from '../../model/action.js';
import { diskSerial } from '../../model/diskSerial.js';
import type { AddedDevice, GoldenImage } from '../../model/goldenImage.js';
import { addedSerial, type CompiledOrder } from './compiledOrder.js';
import type { Failure } from './failure.js';
import type { Admits } from './replay.js';

/**
 * Whether the entry left the virtual device that the host action asks for (VMPlants paper, section 3.1: "setup of a
 * virtual device"). A disk must also bear the serial number by which the order's other actions look for it. Keys
 * that hold the serial number already say so; it is asked again because a clone with a disk that its scripts do not
 * find fails late.
 */
export function admitsDevice(order: CompiledOrder, image: GoldenImage): Admits {
  return (node, place) => {
    const action = order.actions[node];
    if (action?.kind !== 'host') return true;
    const name = image.performed[place]?.name;
    const kind = deviceKind(action.operation);
    if (name === undefined || !image.devices.some((device) => device.kind === kind && device.action === name))
      return false;
    const serial = addedSerial(action);
    return serial === undefined || serial === diskSerial(name);
  };
}

function deviceKind(operation: HostOperation): AddedDevice['kind'] {
  switch (operation.kind) {
    case 'add-disk':
      return 'disk';
    case 'attach-iso':
      return 'iso';
    case 'add-network-interface':
      return 'network-interface';
  }
}

/** A device that no recorded action added would come with every clone unasked. */
export function testUnrecordedDevices(image: GoldenImage): Failure | undefined {
  if (image.devices.length === 0) return undefined;
  const recorded = new Set(image.performed.map((entry) => entry.name));
  const stray = image.devices.find((device) => !recorded.has(device.action));
  if (stray === undefined) return undefined;
  return {
    test: 'devices',
    action: stray.action,
    describe: () => `it has a ${stray.kind} of action "${stray.action}", which it has no record of`,
  };
}

/** It fails at the first entry that no replay reaches in which every host action finds its device. */
export function devicesFailure(order: CompiledOrder, image: GoldenImage, place: number): Failure {
  const entry = image.performed[place];
  const node = entry === undefined ? undefined : order.candidates.get(entry.key)?.[0];
  const action = node === undefined ? undefined : order.actions[node];
  return {
    test: 'devices',
    ...(action === undefined ? {} : { action: action.name }),
    describe: () => {
      const serial = action === undefined ? undefined : addedSerial(action);
      const found = image.devices.find((device) => device.action === entry?.name);
      return serial !== undefined && found?.kind === 'disk' && entry !== undefined
        ? `its disk has the serial number "${diskSerial(entry.name)}", action "${action?.name}" of the order makes it "${serial}"`
        : `it lacks the device that action "${action?.name}" of the order adds`;
    },
  };
}
