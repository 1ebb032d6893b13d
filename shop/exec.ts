import { type FieldViolation, invalidArgument } from '../model/errors.js';
import type { ExecEvent } from '../proto/gen/vmplants/v1/ExecEvent.js';
import type { ExecRequest__Output } from '../proto/gen/vmplants/v1/ExecRequest.js';
import { locate } from './locate.js';
import type { ShopParts } from './shopParts.js';
import { checkVmid } from './vmid.js';

const MAX_SCRIPT_BYTES = 8 * 1024;
const MAX_TIMEOUT_SECONDS = 3600;
const DEFAULT_TIMEOUT_SECONDS = 60;
/** The plant ends a command that takes too long; this is for a plant that does not. */
const MARGIN_MILLISECONDS = 30_000;

/** Runs one command in a VM through its plant and relays what it writes. */
export async function* execInVm(
  parts: ShopParts,
  request: ExecRequest__Output,
  signal: AbortSignal,
): AsyncGenerator<ExecEvent, void, undefined> {
  checkExec(request);
  const { plant } = await locate(parts.links, parts.hints, checkVmid(request.vmid), {
    timeoutMilliseconds: parts.limits.askMilliseconds,
    signal,
  });
  const seconds = request.timeoutSeconds === 0 ? DEFAULT_TIMEOUT_SECONDS : request.timeoutSeconds;
  yield* plant.exec(request, { timeoutMilliseconds: seconds * 1000 + MARGIN_MILLISECONDS, signal });
}

function checkExec(request: ExecRequest__Output): void {
  const violations: FieldViolation[] = [];
  const bytes = Buffer.byteLength(request.script);
  if (bytes === 0 || bytes > MAX_SCRIPT_BYTES) {
    violations.push({
      field: 'script',
      description: `expected 1 to ${MAX_SCRIPT_BYTES} bytes, found ${bytes}`,
    });
  }
  if (request.script.includes('\0')) {
    violations.push({ field: 'script', description: 'expected a text without NUL' });
  }
  if (request.timeoutSeconds > MAX_TIMEOUT_SECONDS) {
    violations.push({
      field: 'timeout_seconds',
      description: `expected 1 to ${MAX_TIMEOUT_SECONDS}, or 0 for ${DEFAULT_TIMEOUT_SECONDS}, found ${request.timeoutSeconds}`,
    });
  }
  if (violations.length > 0) throw invalidArgument(violations);
}
