import { renderJson } from './json.js';
import type { OutputFormat } from './outputFormat.js';
import { type Screen, write } from './terminal.js';

/**
 * Writes a result in the form that was asked for: the document for programs, else the text for people, which is made
 * only when it is needed.
 */
export async function printResult(
  screen: Screen,
  format: OutputFormat,
  document: unknown,
  text: () => string | Promise<string>,
): Promise<void> {
  if (format === 'json') return write(screen, renderJson(document));
  if (format === 'yaml') {
    // The library for it is loaded by those who ask for it.
    const { renderYaml } = await import('./yaml.js');
    return write(screen, renderYaml(document));
  }
  return write(screen, await text());
}
