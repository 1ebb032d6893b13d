import type { VmplantsError } from '../model/errors.js';
import { escapeLine, escapeText } from './escape.js';
import { renderJson } from './json.js';

/** An error for people: the message, every wrong field, what the action wrote, and what to do. */
export function renderError(error: VmplantsError): string {
  const [headline = '', ...places] = describeProblem(error);
  const lines = [`error: ${headline}`, ...places.map((place) => `  ${place}`)];
  if (error.actionFailure !== undefined) {
    const { action, status, outputTail } = error.actionFailure;
    // A plant's message says the same.
    if (!error.message.includes(`action ${action} failed with `)) {
      lines.push(`  action ${escapeLine(action)} ${describeStatus(status)}`);
    }
    for (const line of outputTail.split('\n').filter((text) => text !== '')) {
      lines.push(`  | ${escapeLine(line)}`);
    }
  }
  if (error.hint !== undefined) lines.push(`hint: ${escapeText(error.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** The message, and a line for every wrong field where there are several: the message names the first alone. */
export function describeProblem(error: VmplantsError): readonly string[] {
  const { message, violations } = error;
  const [first] = violations;
  if (first === undefined || violations.length === 1) return [escapeText(message)];
  const shown = `${first.description} (and ${violations.length - 1} more)`;
  const places = violations.map(
    ({ field, description }) => `${escapeLine(field === '' ? 'request' : field)}: ${escapeLine(description)}`,
  );
  if (!message.endsWith(shown)) return [escapeText(message), ...places];
  const before = message.slice(0, -shown.length);
  const place = `${first.field === '' ? 'request' : first.field}: `;
  const subject = (before.endsWith(place) ? before.slice(0, -place.length) : before).replace(/:? $/, '');
  const headline = `${violations.length} places are wrong`;
  return [subject === '' ? headline : `${escapeText(subject)}: ${headline}`, ...places];
}

/** An error for programs: `code` and `message` always, the rest where there is something to say. */
export function renderErrorJson(error: VmplantsError): string {
  const first = error.violations[0];
  return renderJson({
    code: error.code,
    message: error.message,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(first === undefined ? {} : { field: first.field, fields: error.violations }),
    ...(error.actionFailure === undefined ? {} : { actionFailure: error.actionFailure }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** What a status of an action or command means (see ActionFailure.status). */
export function describeStatus(status: number): string {
  if (status === -1) return 'ran out of time';
  if (status >= 256) return `was ended by signal ${status - 256}`;
  return `ended with status ${status}`;
}
