import type { Action, ActionFile, ErrorHandling, HostOperation } from '../../model/action.js';
import { createOrder } from '../../model/createOrder.js';
import type { Dag } from '../../model/dag.js';
import { type FieldViolation, invalidArgument, VmplantsError } from '../../model/errors.js';
import type { Order } from '../../model/order.js';
import type { Action__Output, Action as ActionMessage } from '../gen/vmplants/v1/Action.js';
import type {
  ErrorHandling__Output,
  ErrorHandling as HandlingMessage,
} from '../gen/vmplants/v1/ErrorHandling.js';
import type { File__Output, File as FileMessage } from '../gen/vmplants/v1/File.js';
import type { GuestWork__Output } from '../gen/vmplants/v1/GuestWork.js';
import type { HostWork, HostWork__Output } from '../gen/vmplants/v1/HostWork.js';
import type { MachineRequest, MachineRequest__Output } from '../gen/vmplants/v1/MachineRequest.js';
import type { Parameter__Output } from '../gen/vmplants/v1/Parameter.js';
import { requestPath } from './requestPath.js';

/**
 * The Orders that were made of messages which are still held: whoever made one of a message need not judge that
 * message again. Messages never change once they came. Made by a program's main part; many plants may share it.
 */
export type OrderMemory = WeakMap<MachineRequest__Output, Order>;

/**
 * The Order that a message asks for. INVALID_ARGUMENT names fields by their paths in the message, below `field`,
 * the message's own place in the call's request.
 */
export function orderFromMachineRequest(
  message: MachineRequest__Output | null | undefined,
  field = 'machine',
  memory?: OrderMemory,
): Order {
  if (message === null || message === undefined) {
    throw invalidArgument([{ field, description: 'expected a machine request, found none' }]);
  }
  const known = memory?.get(message);
  if (known !== undefined) return known;
  try {
    const order = createOrder(machineRequestToPlain(message));
    memory?.set(message, order);
    return order;
  } catch (thrown) {
    if (!(thrown instanceof VmplantsError) || thrown.code !== 'INVALID_ARGUMENT') throw thrown;
    throw invalidArgument(
      thrown.violations.map((violation) => ({
        field: violation.field === '' ? field : `${field}.${requestPath(violation.field)}`,
        description: violation.description,
      })),
      thrown.hint,
    );
  }
}

/**
 * A message in the plain shape that every request is brought to before it is judged (see `createOrder`). Only what
 * the plain shape cannot say is refused here; violations have plain paths.
 */
export function machineRequestToPlain(message: MachineRequest__Output): unknown {
  const violations: FieldViolation[] = [];
  const plain = {
    hardware: {
      isa: unlessEmpty(message.hardware?.isa),
      vcpus: unlessZero(message.hardware?.vcpus),
      memory: unlessZero(message.hardware?.memoryMib),
      disk: unlessZero(message.hardware?.diskMib),
    },
    operatingSystem: {
      name: unlessEmpty(message.operatingSystem?.name),
      version: unlessEmpty(message.operatingSystem?.version),
      kernel: unlessEmpty(message.operatingSystem?.kernel),
    },
    network: unlessEmpty(message.network),
    clientDomain: unlessEmpty(message.clientDomain),
    line: unlessEmpty(message.line),
    identity: message.identity,
    actions: actionsToPlain(message.actions, 'actions', violations),
  };
  if (violations.length > 0) throw invalidArgument(violations.slice(0, 20));
  return plain;
}

function actionsToPlain(
  actions: readonly Action__Output[],
  path: string,
  violations: FieldViolation[],
): unknown {
  return actions.map((action, index) => {
    const at = `${path}[${index}]`;
    return {
      name: action.name,
      after: action.after,
      ...(action.guest ? guestToPlain(action.guest, at, violations) : {}),
      host: action.host ? hostToPlain(action.host) : undefined,
      opaque: action.opaque?.key,
      // Absent and false are the same on the wire; beside a key the mark may not stand at all.
      identity: action.opaque && !action.identity ? undefined : action.identity,
      maxAge: unlessZero(action.maxAgeSeconds),
      onError: action.onError ? handlingToPlain(action.onError, `${at}.onError`, violations) : undefined,
    };
  });
}

function guestToPlain(guest: GuestWork__Output, path: string, violations: FieldViolation[]): object {
  return {
    script: guest.script,
    files: guest.files.map(fileToPlain),
    parameters: parametersToPlain(guest.parameters, `${path}.parameters`, violations),
    environment: guest.environment,
    timeout: unlessZero(guest.timeoutSeconds),
  };
}

function parametersToPlain(
  parameters: readonly Parameter__Output[],
  path: string,
  violations: FieldViolation[],
): unknown {
  const entries = new Map<string, unknown>();
  for (const [index, parameter] of parameters.entries()) {
    if (entries.has(parameter.name)) {
      violations.push({
        field: `${path}[${index}].name`,
        description: 'expected every parameter once, found this name a second time',
      });
    }
    entries.set(
      parameter.name,
      parameter.source === 'identity' ? { identity: parameter.identity } : (parameter.value ?? ''),
    );
  }
  return Object.fromEntries(entries);
}

function hostToPlain(host: HostWork__Output): unknown {
  return {
    addDisk: host.addDisk ? { size: host.addDisk.sizeMib } : undefined,
    attachIso: host.attachIso
      ? { label: host.attachIso.label, files: host.attachIso.files.map(fileToPlain) }
      : undefined,
    addNetworkInterface: host.addNetworkInterface ? {} : undefined,
  };
}

function fileToPlain(file: File__Output): unknown {
  return {
    path: file.path,
    mode: file.mode === undefined ? undefined : `0${file.mode.toString(8).padStart(3, '0')}`,
    content: file.content,
  };
}

function handlingToPlain(
  handling: ErrorHandling__Output,
  path: string,
  violations: FieldViolation[],
): unknown {
  const goesOnAt = handling.then === 'go-on-at';
  if (!goesOnAt && handling.goOnAt !== '') {
    violations.push({
      field: `${path}.then.goOnAt`,
      description: 'expected it only where `then` is "go-on-at"',
    });
  }
  return {
    retries: handling.retries,
    handler:
      handling.handler.length === 0
        ? undefined
        : { actions: actionsToPlain(handling.handler, `${path}.handler.actions`, violations) },
    then: goesOnAt ? { goOnAt: handling.goOnAt } : unlessEmpty(handling.then),
  };
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function unlessZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** The message that asks for an Order: `orderFromMachineRequest` of it gives an Order of the same digest. */
export function orderToMachineRequest(order: Order): MachineRequest {
  return {
    hardware: {
      isa: order.hardware.isa,
      vcpus: order.hardware.vcpus,
      memoryMib: order.hardware.memoryMiB,
      diskMib: order.hardware.diskMiB,
    },
    operatingSystem: {
      name: order.operatingSystem.name,
      version: order.operatingSystem.version ?? '',
      kernel: order.operatingSystem.kernel ?? '',
    },
    network: order.network.kind,
    clientDomain: order.clientDomain,
    line: order.line ?? '',
    identity: Object.fromEntries(order.identity),
    actions: dagToMessages(order.dag),
  };
}

function dagToMessages(dag: Dag): ActionMessage[] {
  return dag.actions.map((action) => actionToMessage(action, dag.predecessors.get(action.name) ?? []));
}

function actionToMessage(action: Action, after: readonly string[]): ActionMessage {
  if (action.kind === 'opaque') return { name: action.name, after: [...after], opaque: { key: action.key } };
  return {
    name: action.name,
    after: [...after],
    identity: action.identity,
    maxAgeSeconds: action.maxAgeSeconds ?? 0,
    onError: handlingToMessage(action.onError),
    ...(action.kind === 'host'
      ? { host: operationToMessage(action.operation) }
      : {
          guest: {
            script: action.script,
            files: action.files.map(fileToMessage),
            parameters: action.parameters.map(([name, value]) =>
              value.kind === 'identity' ? { name, identity: value.name } : { name, value: value.value },
            ),
            environment: Object.fromEntries(action.environment),
            timeoutSeconds: action.timeoutSeconds,
          },
        }),
  };
}

function operationToMessage(operation: HostOperation): HostWork {
  switch (operation.kind) {
    case 'attach-iso':
      return { attachIso: { label: operation.label, files: operation.files.map(fileToMessage) } };
    case 'add-disk':
      return { addDisk: { sizeMib: operation.sizeMiB } };
    case 'add-network-interface':
      return { addNetworkInterface: {} };
  }
}

function fileToMessage(file: ActionFile): FileMessage {
  return { path: file.path, content: file.content, mode: file.mode };
}

function handlingToMessage(handling: ErrorHandling): HandlingMessage {
  return {
    retries: handling.retries,
    handler: handling.handler === undefined ? [] : dagToMessages(handling.handler),
    then: handling.then.kind,
    goOnAt: handling.then.kind === 'go-on-at' ? handling.then.action : '',
  };
}
