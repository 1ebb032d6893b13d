import { z } from 'zod';
import { decodeBase64 } from './base64.js';
import { MAX_FILE_BYTES, MAX_FILES, MAX_PATH_LENGTH } from './limits.js';
import { describeFound, expected, pathProblem, typeError } from './names.js';
import { isUnencodable } from './text.js';

const DEFAULT_MODE = '0644';

/** Octal permission bits in quotes: a bare 0644 is the number 644 in YAML and JSON, and would mean something else. */
const modeSchema = z
  .string({
    error: (issue) =>
      `expected permission bits in quotes, such as "0644", found ${describeFound(issue.input)}`,
  })
  .regex(/^0?[0-7]{3}$/, { error: expected('permission bits, such as "0644" or "0755"') })
  .transform((mode) => Number.parseInt(mode, 8));

const contentSchema = z
  .union(
    [
      z.string().refine((text) => !isUnencodable(text), {
        error: 'expected a text without NUL and with whole Unicode characters; give other bytes as base64',
      }),
      z.instanceof(Uint8Array),
    ],
    { error: (issue) => typeError('a text', issue.input) },
  )
  .meta({ description: 'The content as text, in UTF-8.' });

/** A file of an action. In memory its content may also be a Uint8Array. */
export const fileSchema = z
  .strictObject({
    path: z
      .string({ error: expected('a relative path') })
      .superRefine((path, context) => {
        const problem = pathProblem(path);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .meta({
        description: "Where the file lies, relative to the script's working directory.",
        maxLength: MAX_PATH_LENGTH,
        pattern: '^(?!(.*/)?\\.\\.?(/|$))[A-Za-z0-9._+@=,~-]+(/[A-Za-z0-9._+@=,~-]+)*$',
      }),
    mode: modeSchema.prefault(DEFAULT_MODE).meta({ description: 'Permission bits in octal, in quotes.' }),
    content: contentSchema.optional(),
    base64: z
      .string({ error: (issue) => typeError('base64', issue.input) })
      .optional()
      .meta({ description: 'The content in base64 (RFC 4648, section 4); white space is ignored.' }),
    source: z
      .string({ error: (issue) => typeError('a path', issue.input) })
      .optional()
      .meta({ description: 'A local file, relative to the request file. Only the command line reads it.' }),
  })
  .transform((file, context) => {
    const fail = (path: string[], message: string) => {
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    };
    if (file.source !== undefined) {
      return fail(['source'], 'only the command line reads local files; give the content or base64 instead');
    }
    if ((file.content === undefined) === (file.base64 === undefined)) {
      return fail(
        [],
        `expected one of content and base64, found ${file.content === undefined ? 'neither' : 'both'}`,
      );
    }
    const content = file.content === undefined ? decodeBase64(file.base64 ?? '') : bytesOf(file.content);
    if (content === undefined)
      return fail(['base64'], 'expected base64 (RFC 4648, section 4, padded), found something else');
    if (content.length > MAX_FILE_BYTES) {
      const field = file.content === undefined ? 'base64' : 'content';
      return fail(
        [field],
        `expected at most ${MAX_FILE_BYTES} bytes (16 MiB) in one file, found ${content.length}`,
      );
    }
    return { path: file.path, mode: file.mode, content };
  });

/** The files of an action or an ISO image: no path twice, none the directory of another. */
export const filesSchema = z
  .array(fileSchema, { error: expected('a list of files') })
  .max(MAX_FILES, { error: `expected at most ${MAX_FILES} files` })
  .superRefine((files, context) => {
    const taken = new Set<string>();
    const directories = new Set<string>();
    for (const file of files) for (const directory of directoriesOf(file.path)) directories.add(directory);
    for (const [index, file] of files.entries()) {
      const complain = (message: string) =>
        context.addIssue({ code: 'custom', path: [index, 'path'], message });
      if (taken.has(file.path)) complain('another file of this action has the same path');
      else if (directories.has(file.path))
        complain('another file of this action lies in a directory of this name');
      taken.add(file.path);
    }
  });

function directoriesOf(path: string): readonly string[] {
  const directories: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
    directories.push(path.slice(0, at));
  return directories;
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content);
}
