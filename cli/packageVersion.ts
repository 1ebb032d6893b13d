import { readFile } from 'node:fs/promises';

/** The version in package.json, from the TypeScript tree and from dist/, one level deeper. */
export async function readPackageVersion(): Promise<string> {
  for (const candidate of ['../package.json', '../../package.json']) {
    const text = await readFile(new URL(candidate, import.meta.url), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const version = versionOf(JSON.parse(text));
    if (version !== undefined) return version;
  }
  return 'unknown';
}

function versionOf(contents: unknown): string | undefined {
  if (typeof contents !== 'object' || contents === null) return undefined;
  if (!('name' in contents) || contents.name !== 'vmplants' || !('version' in contents)) return undefined;
  return typeof contents.version === 'string' ? contents.version : undefined;
}
