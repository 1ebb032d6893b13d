import { MAX_ENVIRONMENT_BYTES, MAX_TOTAL_BYTES, MAX_TOTAL_FILES } from './limits.js';
import type { CheckedAction, CheckedRequest } from './requestSchema.js';
import { byteLength } from './text.js';
import type { FieldPath, Violations } from './violations.js';

/** The bounds on what a request's actions hold together: all of it may have to travel on one ISO image. */
export function checkSizes(request: CheckedRequest, violations: Violations): void {
  const total = measure(request.actions, ['actions'], request.identity, violations);
  if (total.bytes > MAX_TOTAL_BYTES) {
    violations.add(
      ['actions'],
      `expected at most ${MAX_TOTAL_BYTES} bytes (48 MiB) in all scripts, files and variables together, found ${total.bytes}`,
    );
  }
  if (total.files > MAX_TOTAL_FILES) {
    violations.add(
      ['actions'],
      `expected at most ${MAX_TOTAL_FILES} files in all actions together, found ${total.files}`,
    );
  }
}

interface Size {
  readonly bytes: number;
  readonly files: number;
}

function measure(
  actions: readonly CheckedAction[],
  path: FieldPath,
  identity: Readonly<Record<string, string>>,
  violations: Violations,
): Size {
  let bytes = 0;
  let files = 0;
  for (const [index, action] of actions.entries()) {
    const environment = environmentBytes(action, identity);
    if (environment > MAX_ENVIRONMENT_BYTES) {
      violations.add(
        [...path, index, 'environment'],
        `expected at most ${MAX_ENVIRONMENT_BYTES} bytes (96 KiB) in all parameters and environment variables, found ${environment}; use a file`,
      );
    }
    const own = [...action.files, ...(action.host?.attachIso?.files ?? [])];
    const handlerPath = [...path, index, 'onError', 'handler', 'actions'];
    const handler = measure(action.onError?.handler?.actions ?? [], handlerPath, identity, violations);
    bytes +=
      environment + byteLength(action.script ?? '') + own.reduce((sum, file) => sum + file.content.length, 0);
    bytes += handler.bytes;
    files += own.length + handler.files;
  }
  return { bytes, files };
}

/** Bytes of the `NAME=value` entries that the script will find. */
function environmentBytes(action: CheckedAction, identity: Readonly<Record<string, string>>): number {
  const entry = (name: string, value: string) => byteLength(name) + byteLength(value) + 2;
  let bytes = 0;
  for (const [name, value] of Object.entries(action.environment)) bytes += entry(name, value);
  for (const [name, value] of Object.entries(action.parameters)) {
    bytes += entry(`PARAM_${name}`, typeof value === 'string' ? value : (identity[value.identity] ?? ''));
  }
  return bytes;
}
