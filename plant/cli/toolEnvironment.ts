/** What tools of the system are given of this process's environment: where they are, and the way to package mirrors. */
const HANDED_ON = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const;

/** Tools such as mkfs are in directories that the PATH of ordinary users lacks. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function toolEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const path = variables.PATH === undefined || variables.PATH === '' ? [] : [variables.PATH];
  const environment: Record<string, string> = { PATH: [...path, SYSTEM_PATH].join(':') };
  for (const name of HANDED_ON) {
    const value = variables[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
