import type { Action, ActionFile, GuestAction, HostAction, HostOperation } from '../../model/action.js';
import { actionKey } from '../../model/actionKey.js';
import { sha256 } from '../../model/canonical.js';

/** An action that anybody can perform and that can be in an image. */
export type SharableAction = GuestAction | HostAction;

/** The work of an action as text, so that it can be done again; undefined for one that belongs to one VM or to none. */
export function actionBody(action: Action): string | undefined {
  if (action.identity || action.kind === 'opaque') return undefined;
  const { name } = action;
  const { retries } = action.onError;
  const body: StoredAction =
    action.kind === 'guest'
      ? {
          kind: 'guest',
          name,
          retries,
          timeoutSeconds: action.timeoutSeconds,
          script: action.script,
          files: action.files.map(storedFile),
          parameters: action.parameters,
          environment: action.environment,
        }
      : { kind: 'host', name, retries, operation: storedOperation(action.operation) };
  return JSON.stringify(body);
}

/** The action of a text that `actionBody` made; undefined when it is not the action of this key. */
export function actionOfBody(key: string, body: string): SharableAction | undefined {
  try {
    // Whatever it is, it is believed only where its key comes out.
    const action = restored(JSON.parse(body) as StoredAction);
    return actionKey(action, new Map()) === key ? action : undefined;
  } catch {
    return undefined;
  }
}

/** An action as an image may have it: without its error handler and without its VM. */
export function sharable(action: Action): SharableAction | undefined {
  if (action.identity || action.kind === 'opaque') return undefined;
  return { ...action, onError: { retries: action.onError.retries, then: { kind: 'abort' } } };
}

/** About how many bytes an action holds. */
export function actionBytes(action: SharableAction): number {
  if (action.kind === 'guest') {
    const texts = JSON.stringify([action.parameters, action.environment]).length;
    return 512 + action.script.length + texts + filesBytes(action.files);
  }
  return 512 + (action.operation.kind === 'attach-iso' ? filesBytes(action.operation.files) : 0);
}

function filesBytes(files: readonly ActionFile[]): number {
  return files.reduce((sum, { content }) => sum + content.byteLength, 0);
}

type StoredAction =
  | ({ readonly kind: 'guest'; readonly files: readonly StoredFile[] } & Common &
      Pick<GuestAction, 'script' | 'parameters' | 'environment' | 'timeoutSeconds'>)
  | ({ readonly kind: 'host'; readonly operation: StoredOperation } & Common);

interface Common {
  readonly name: string;
  readonly retries: number;
}

interface StoredFile {
  readonly path: string;
  readonly mode: number;
  /** Base64. */
  readonly content: string;
}

type StoredOperation =
  | Exclude<HostOperation, { readonly kind: 'attach-iso' }>
  | { readonly kind: 'attach-iso'; readonly label: string; readonly files: readonly StoredFile[] };

function storedFile({ path, mode, content }: ActionFile): StoredFile {
  return { path, mode, content: Buffer.from(content).toString('base64') };
}

function storedOperation(operation: HostOperation): StoredOperation {
  if (operation.kind !== 'attach-iso') return operation;
  return { ...operation, files: operation.files.map(storedFile) };
}

function restored(stored: StoredAction): SharableAction {
  const { name } = stored;
  const common = {
    name,
    identity: false,
    onError: { retries: stored.retries, then: { kind: 'abort' } },
  } as const;
  if (stored.kind === 'host') {
    const work = { kind: 'host', name, operation: restoredOperation(stored.operation) } as const;
    return { ...common, ...work, key: actionKey(work, new Map()) };
  }
  const { script, parameters, environment, timeoutSeconds } = stored;
  const work = {
    kind: 'guest',
    script,
    files: stored.files.map(restoredFile),
    parameters,
    environment,
  } as const;
  return { ...common, ...work, timeoutSeconds, key: actionKey(work, new Map()) };
}

function restoredFile({ path, mode, content }: StoredFile): ActionFile {
  const bytes = new Uint8Array(Buffer.from(content, 'base64'));
  return { path, mode, content: bytes, digest: sha256(bytes) };
}

function restoredOperation(operation: StoredOperation): HostOperation {
  if (operation.kind !== 'attach-iso') return operation;
  return { ...operation, files: operation.files.map(restoredFile) };
}
