import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmplantsError } from '../../model/errors.js';

/**
 * The part of an apt source file in deb822 form that gives Debian's own packages of a suite: stanzas signed by
 * Debian's archive key with a suite of that name or its updates. Comments are dropped. Pure.
 */
export function debianStanzas(text: string, suite: string): readonly string[] {
  return text
    .split(/\n[ \t]*\n/)
    .map((stanza) =>
      stanza
        .split('\n')
        .filter((line) => !line.startsWith('#') && line.trim() !== '')
        .join('\n'),
    )
    .filter((stanza) => {
      const field = (name: string): string =>
        new RegExp(`^${name}:[ \t]*(.*)$`, 'im').exec(stanza)?.[1] ?? '';
      const suites = field('Suites').split(/\s+/);
      return (
        field('Types').split(/\s+/).includes('deb') &&
        !/^no$/i.test(field('Enabled')) &&
        field('Signed-By').includes('debian-archive-keyring') &&
        suites.some((name) => name === suite || name.startsWith(`${suite}-`))
      );
    });
}

/** The same for the one-line form: `deb [options] URI suite components`. Gives deb822 stanzas. Pure. */
export function debianLines(text: string, suite: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const found = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line.replace(/#.*$/, ''));
    if (found === null) return [];
    const [, uri = '', name = '', components = ''] = found;
    if (!/\/debian(?:-security)?\/?$/.test(uri) || (name !== suite && !name.startsWith(`${suite}-`)))
      return [];
    return [
      `Types: deb\nURIs: ${uri}\nSuites: ${name}\nComponents: ${components}\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg`,
    ];
  });
}

/**
 * Where the host gets Debian's packages of the suite from, as one deb822 file: the guest is built from there and
 * goes on using it. Rejects with FAILED_PRECONDITION when the host does not use that suite.
 */
export async function hostDebianSources(aptDirectory: string, suite: string): Promise<string> {
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const parts = join(aptDirectory, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort();
  const stanzas = [
    ...debianLines(await read(join(aptDirectory, 'sources.list')), suite),
    ...(
      await Promise.all(
        names.map(async (name) => {
          if (name.endsWith('.sources')) return debianStanzas(await read(join(parts, name)), suite);
          return name.endsWith('.list') ? debianLines(await read(join(parts, name)), suite) : [];
        }),
      )
    ).flat(),
  ];
  if (stanzas.length > 0) return `${stanzas.join('\n\n')}\n`;
  throw new VmplantsError(
    'FAILED_PRECONDITION',
    `this host's apt sources name no Debian archive with ${suite}`,
    {
      reason: 'SOURCES_MISSING',
      hint: `add a source for ${suite} signed by debian-archive-keyring and run apt-get update`,
    },
  );
}
