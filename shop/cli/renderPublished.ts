import { formatBytes, formatCount, formatSeconds } from '../../cli/amounts.js';
import { escapeLine } from '../../cli/escape.js';
import type { PublishedImage } from '../client.js';
import { imageDocument } from './imageDocument.js';
import { rungOf } from './renderImages.js';

/** A new golden image for people: what it is, what became of the VM's identity, and how a request gets it. */
export function renderPublished(published: PublishedImage): string {
  const { image, opaqueKey, pausedSeconds, leftOut, scrubbed } = published;
  const what = `${rungOf(image)}, ${formatCount(image.performed.length, 'action')} in it, ${formatBytes(image.bytes)}`;
  const lines = [`${image.name} on ${image.plant}: ${what}`];
  if (pausedSeconds !== undefined) lines.push(pauseText(pausedSeconds));
  if (scrubbed.length > 0) lines.push(`scrubbed, as the guest confirmed: ${scrubbed.join(', ')}`);
  if (leftOut.length > 0) lines.push(`left out, because it belongs to this VM alone: ${leftOut.join(', ')}`);
  if (opaqueKey !== undefined) {
    lines.push(
      "the VM's request gets what was changed by hand, too, with this added to its actions:",
      '  - name: my-change',
      `    opaque: ${opaqueKey}`,
    );
  }
  return `${lines.map(escapeLine).join('\n')}\n`;
}

/** In milliseconds: a pause is short. A disk alone is frozen without one. */
function pauseText(seconds: number): string {
  if (seconds === 0) return 'the VM did not have to stand still';
  const long = seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : formatSeconds(seconds);
  return `the VM stood still for ${long}`;
}

/** A new golden image for programs. */
export function publishedDocument(published: PublishedImage): Readonly<Record<string, unknown>> {
  return { ...published, image: imageDocument(published.image) };
}
