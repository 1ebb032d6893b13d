import type { VmplantsError } from '../model/errors.js';
import { escapeLine, escapeText } from './escape.js';
import { renderJson } from './json.js';

/** An error for people: the message, every wrong field, what the action wrote, and what to do. */
export function renderError(error: VmplantsError): string {
  const lines = [`error: ${escapeText(error.message)}`];
  if (error.violations.length > 1) {
    for (const { field, description } of error.violations) {
      lines.push(`  ${escapeLine(field === '' ? 'request' : field)}: ${escapeLine(description)}`);
    }
  }
  if (error.actionFailure !== undefined) {
    const { action, status, outputTail } = error.actionFailure;
    lines.push(`  action ${escapeLine(action)} ${describeStatus(status)}`);
    for (const line of outputTail.split('\n').filter((text) => text !== '')) {
      lines.push(`  | ${escapeLine(line)}`);
    }
  }
  if (error.hint !== undefined) lines.push(`hint: ${escapeText(error.hint)}`);
  return `${lines.join('\n')}\n`;
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
