import type { z } from 'zod';
import { suggestion } from './didYouMean.js';
import type { FieldPath, Violations } from './violations.js';

type Issue = z.core.$ZodIssue;

/** Every field name of the plain shape, for suggestions. */
export const FIELD_NAMES: readonly string[] = [
  ...['hardware', 'operatingSystem', 'network', 'clientDomain', 'line', 'identity', 'actions'],
  ...['isa', 'vcpus', 'memory', 'disk', 'name', 'version', 'kernel'],
  ...[
    'after',
    'script',
    'files',
    'parameters',
    'environment',
    'timeout',
    'host',
    'maxAge',
    'onError',
    'opaque',
  ],
  ...['path', 'mode', 'content', 'base64', 'source', 'label', 'size'],
  ...['addDisk', 'attachIso', 'addNetworkInterface', 'retries', 'handler', 'then', 'goOnAt'],
];

/** Adds what the schema found as violations with the exact path of the field. */
export function addIssues(issues: readonly Issue[], violations: Violations, prefix: FieldPath = []): void {
  for (const issue of issues) {
    if (violations.full) return;
    addIssue(issue, violations, [
      ...prefix,
      ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
    ]);
  }
}

function addIssue(issue: Issue, violations: Violations, path: FieldPath): void {
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) violations.add([...path, key], unknownField(key));
      return;
    case 'invalid_key':
      violations.add(path, issue.issues[0]?.message ?? issue.message);
      return;
    case 'invalid_union': {
      const branch = meantBranch(issue.errors);
      if (branch === undefined) violations.add(path, issue.message);
      else addIssues(branch, violations, path);
      return;
    }
    default:
      violations.add(path, issue.message);
  }
}

function unknownField(key: string): string {
  if (FIELD_NAMES.includes(key)) return 'this field is not allowed here';
  return `unknown field${suggestion(key, FIELD_NAMES)}`;
}

/** Found at the top of an alternative, these say that another one was meant. */
const OTHER_TYPE: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_value']);

/** The one alternative whose type fits, so that the complaint is about what is inside it. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && OTHER_TYPE.has(issue.code)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}
