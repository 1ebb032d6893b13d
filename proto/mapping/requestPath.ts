/**
 * Where a field of a request's plain shape is in a MachineRequest, for example `actions[1].timeout` is
 * `actions[1].guest.timeout_seconds`: a client is told about the field that it filled in.
 */
export function requestPath(plainPath: string): string {
  for (const [plain, message] of TOP_LEVEL) {
    if (isAtOrBelow(plainPath, plain)) return message + plainPath.slice(plain.length);
  }
  const action = /^actions\[\d+\]/.exec(plainPath)?.[0];
  return action === undefined ? plainPath : action + actionPath(plainPath.slice(action.length));
}

const TOP_LEVEL: readonly (readonly [plain: string, message: string])[] = [
  ['hardware.memory', 'hardware.memory_mib'],
  ['hardware.disk', 'hardware.disk_mib'],
  ['operatingSystem', 'operating_system'],
  ['clientDomain', 'client_domain'],
];

const IN_ACTION: readonly (readonly [plain: string, message: string])[] = [
  ['.opaque', '.opaque.key'],
  ['.script', '.guest.script'],
  ['.files', '.guest.files'],
  ['.parameters', '.guest.parameters'],
  ['.environment', '.guest.environment'],
  ['.timeout', '.guest.timeout_seconds'],
  ['.maxAge', '.max_age_seconds'],
  ['.host.addDisk.size', '.host.add_disk.size_mib'],
  ['.host.addDisk', '.host.add_disk'],
  ['.host.attachIso', '.host.attach_iso'],
  ['.host.addNetworkInterface', '.host.add_network_interface'],
  ['.onError.then.goOnAt', '.on_error.go_on_at'],
];

const HANDLER = '.onError.handler.';

/** `rest` is what follows `actions[n]`. */
function actionPath(rest: string): string {
  // A handler is a graph of its own: what is below it is named like the request's own actions.
  if (rest.startsWith(`${HANDLER}actions`)) {
    return `.on_error.handler${requestPath(rest.slice(HANDLER.length)).slice('actions'.length)}`;
  }
  for (const [plain, message] of IN_ACTION) {
    if (isAtOrBelow(rest, plain)) return message + rest.slice(plain.length);
  }
  return isAtOrBelow(rest, '.onError') ? `.on_error${rest.slice('.onError'.length)}` : rest;
}

function isAtOrBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && /^($|[.[])/.test(path.slice(ancestor.length));
}
