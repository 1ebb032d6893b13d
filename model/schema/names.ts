import { z } from 'zod';
import { END_NODE, START_NODE } from '../dag.js';
import { MAX_NAME_LENGTH, MAX_PATH_LENGTH, MAX_PATH_PART_LENGTH, MAX_VALUE_BYTES } from './limits.js';
import { byteLength, hasControlCharacter, isUnencodable, quote } from './text.js';

/** An error that says what was expected and shows what was found; for fields that never hold a secret. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return (issue) => `expected ${what}, found ${describeFound(issue.input)}`;
}

/** What was found, short and safe to show. */
export function describeFound(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'nothing (null)';
  if (typeof found === 'string') return quote(found);
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  if (found instanceof Uint8Array) return 'bytes';
  return Array.isArray(found) ? 'a list' : 'an object';
}

const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
const NAME_RULE = `1 to ${MAX_NAME_LENGTH} letters, digits, ".", "_" or "-", the first a letter or digit`;

/** Name of an operating system, a line, an identity parameter. */
export const nameSchema = z
  .string({ error: expected('a name') })
  .regex(NAME_PATTERN, { error: expected(NAME_RULE) });

/** Name of an action that is referred to. */
export const actionReferenceSchema = z
  .string({ error: expected('the name of an action') })
  .regex(NAME_PATTERN, { error: expected(`the name of an action (${NAME_RULE})`) });

/** Name of an action: the names of the implicit nodes are reserved. */
export const actionNameSchema = nameSchema.refine((name) => name !== START_NODE && name !== END_NODE, {
  error: `"${START_NODE}" and "${END_NODE}" are reserved for the implicit nodes of the DAG; choose another name`,
});

/** Version of an operating system, or release of a kernel (`uname -r`). */
export const versionSchema = z
  .string({
    error: (issue) =>
      `${expected('a text')(issue)}${typeof issue.input === 'number' ? '; write it in quotes' : ''}`,
  })
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._+~:-]{0,63}$/, {
    error: expected('1 to 64 letters, digits, ".", "_", "+", "~", ":" or "-", the first a letter or digit'),
  });

/** Key of an action, in the one spelling that keys have. */
export const keySchema = z
  .string({ error: expected('a key (64 hexadecimal digits in lower case)') })
  .regex(/^[0-9a-f]{64}$/, { error: expected('a key (64 hexadecimal digits in lower case)') });

/** RFC 1123 labels joined by dots. */
const HOSTNAME_PATTERN =
  /^(?=.{1,64}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const DOMAIN_PATTERN =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** True for a host name by RFC 1123 of at most 64 characters, which is what a Linux guest can hold. */
export function isHostname(text: string): boolean {
  return HOSTNAME_PATTERN.test(text);
}

/** Owner of networks. In lower case, so that one domain has one spelling. */
export const clientDomainSchema = z.string({ error: expected('a domain name') }).regex(DOMAIN_PATTERN, {
  error: expected(
    'a domain name in lower case, such as "example.org" (labels of letters, digits and "-", joined by ".")',
  ),
});

const VARIABLE_PATTERN = /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/;
const VARIABLE_RULE = '1 to 64 letters, digits or "_", the first not a digit';

/** Name of a parameter: it becomes the environment variable PARAM_<name>. */
export const parameterNameSchema = z
  .string()
  .regex(VARIABLE_PATTERN, { error: expected(`${VARIABLE_RULE}, since the script gets it as PARAM_<name>`) });

/** Name of an environment variable that a client may set. */
export const environmentNameSchema = z
  .string()
  .regex(VARIABLE_PATTERN, { error: expected(VARIABLE_RULE) })
  .refine((name) => !name.startsWith('PARAM_') && !name.startsWith('VMPLANTS_'), {
    error: 'names that begin with PARAM_ or VMPLANTS_ are set by the system; choose another',
  });

/** A literal value of a parameter or environment variable. Never shown in an error: it may be a secret. */
export const valueSchema = z
  .string({ error: (issue) => typeError('a text', issue.input) })
  .refine((value) => !isUnencodable(value), {
    error: 'expected a text without NUL and with whole Unicode characters',
  })
  .refine((value) => byteLength(value) <= MAX_VALUE_BYTES, {
    error: `expected at most ${MAX_VALUE_BYTES} bytes; use a file`,
  });

/** A value of the identity: one line. Never shown in an error. */
export const identityValueSchema = valueSchema.refine((value) => !hasControlCharacter(value), {
  error: 'expected one line without control characters (encode other data in base64)',
});

/** What is wrong with the type of a value, without the value; numbers and booleans get the advice to quote them. */
export function typeError(what: string, found: unknown): string {
  if (typeof found === 'number') return `expected ${what}, found a number; write it in quotes`;
  if (typeof found === 'boolean') return `expected ${what}, found true or false; write it in quotes`;
  return `expected ${what}, found ${typeof found === 'string' ? 'a text' : describeFound(found)}`;
}

/** What a part of a file's path may be made of: the guest daemon takes no other characters. */
const PATH_PART_PATTERN = /^[A-Za-z0-9._+@=,~-]+$/;

/** Why a file's path is not one that lies below the script's working directory; undefined when it is. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'expected a relative path, found an empty one';
  if (path.length > MAX_PATH_LENGTH)
    return `expected a path of at most ${MAX_PATH_LENGTH} characters, found ${path.length}`;
  if (path.startsWith('/')) return `expected a path relative to the working directory, found ${quote(path)}`;
  for (const part of path.split('/')) {
    if (part === '..' || part === '.')
      return `expected a path without "." and ".." parts, found ${quote(path)}`;
    if (part === '') return `expected a path without empty parts, found ${quote(path)}`;
    if (part.length > MAX_PATH_PART_LENGTH)
      return `expected at most ${MAX_PATH_PART_LENGTH} characters between two slashes`;
    if (!PATH_PART_PATTERN.test(part)) {
      return `expected a path of letters, digits, "/" and any of "._+@=,~-", found ${quote(path)}`;
    }
  }
  return undefined;
}
