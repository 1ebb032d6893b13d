import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Document } from 'yaml';
import { VmplantsError } from '../../model/errors.js';

/**
 * The configuration file of `vmshop`: named contexts, one of which is current.
 *
 *     currentContext: lab
 *     contexts:
 *       lab: { address: "shop.lab.example.org:7070" }
 *       laptop: { address: "127.0.0.1:7070" }
 */
export interface Configuration {
  readonly currentContext?: string;
  readonly contexts: ReadonlyMap<string, ContextSettings>;
}

export interface ContextSettings {
  /** `host:port` or `unix:/path` of the shop. */
  readonly address: string;
}

/** `$XDG_CONFIG_HOME/vmplants/config.yaml`, or below `~/.config` where the variable is empty or relative. */
export function configPath(
  variables: Readonly<Record<string, string | undefined>>,
  homeDirectory: string,
): string {
  const base = variables.XDG_CONFIG_HOME;
  const root = base?.startsWith('/') === true ? base : join(homeDirectory, '.config');
  return join(root, 'vmplants', 'config.yaml');
}

/**
 * Reads the file; one that does not exist has no contexts.
 * @throws VmplantsError FAILED_PRECONDITION naming the file and the field that is not as it should be
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  return configurationOf(await readDocument(path), path);
}

/**
 * Makes a context the current one, and leaves everything else in the file as it is, comments too.
 * @throws VmplantsError NOT_FOUND when the file has no such context
 */
export async function useContext(path: string, name: string): Promise<void> {
  const document = await readDocument(path);
  const { contexts } = configurationOf(document, path);
  if (document === undefined || !contexts.has(name)) throw noSuchContext(name, path, contexts);
  document.set('currentContext', name);
  await mkdir(dirname(path), { recursive: true });
  const staged = `${path}.new`;
  await writeFile(staged, document.toString());
  await rename(staged, path);
}

/** The error for a context that the file does not have. */
export function noSuchContext(
  name: string,
  path: string,
  contexts: ReadonlyMap<string, ContextSettings>,
): VmplantsError {
  const known = [...contexts.keys()].join(', ');
  return new VmplantsError('NOT_FOUND', `no context ${JSON.stringify(name)} in ${path}`, {
    reason: 'NO_SUCH_CONTEXT',
    hint: known === '' ? `write it under contexts: in ${path}` : `it has: ${known}`,
  });
}

/** Undefined when there is no file; the parser is loaded where there is one. */
async function readDocument(path: string): Promise<Document | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw wrong(path, 'it cannot be read', error);
  }
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined) throw wrong(path, problem.message.split('\n')[0] ?? 'not YAML', problem);
  return document;
}

function configurationOf(document: Document | undefined, path: string): Configuration {
  if (document === undefined || document.contents === null) return { contexts: new Map() };
  const plain: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 100 });
  if (!(plain instanceof Map)) throw wrong(path, 'expected a mapping with contexts and currentContext');
  const unknown = [...plain.keys()].find((key) => key !== 'contexts' && key !== 'currentContext');
  if (unknown !== undefined) throw wrong(path, `${String(unknown)}: not a known field`);
  const contexts = new Map<string, ContextSettings>();
  const listed: unknown = plain.get('contexts') ?? new Map();
  if (!(listed instanceof Map)) throw wrong(path, 'contexts: expected a mapping from names to settings');
  for (const [name, settings] of listed) {
    const address: unknown = settings instanceof Map ? settings.get('address') : undefined;
    if (typeof name !== 'string' || typeof address !== 'string') {
      throw wrong(path, `contexts.${String(name)}.address: expected a string such as "127.0.0.1:7070"`);
    }
    contexts.set(name, { address });
  }
  const current: unknown = plain.get('currentContext');
  if (current === undefined || current === null) return { contexts };
  if (typeof current !== 'string') throw wrong(path, 'currentContext: expected the name of a context');
  return { currentContext: current, contexts };
}

function wrong(path: string, what: string, cause?: unknown): VmplantsError {
  return new VmplantsError('FAILED_PRECONDITION', `configuration file ${path}: ${what}`, {
    reason: 'BAD_CONFIGURATION',
    hint: `see "Configuration file" in docs/cli.md, or move ${path} away`,
    cause,
  });
}
