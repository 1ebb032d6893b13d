import { z } from 'zod';
import { MAX_ACTIONS, MAX_EDGES } from '../dag.js';
import { filesSchema } from './fileSchema.js';
import {
  DEFAULT_MEMORY_MIB,
  DEFAULT_TIMEOUT_SECONDS,
  MAX_DISK_MIB,
  MAX_ENTRIES,
  MAX_MEMORY_MIB,
  MAX_RETRIES,
  MAX_SCRIPT_BYTES,
  MAX_VCPUS,
  MIN_MEMORY_MIB,
} from './limits.js';
import {
  actionNameSchema,
  actionReferenceSchema,
  clientDomainSchema,
  environmentNameSchema,
  expected,
  identityValueSchema,
  keySchema,
  nameSchema,
  parameterNameSchema,
  typeError,
  valueSchema,
  versionSchema,
} from './names.js';
import { maxAgeSchema, sizeSchema, timeoutSchema } from './quantitySchema.js';
import { normaliseScript } from './script.js';
import { byteLength, isUnencodable } from './text.js';

/**
 * The plain shape of a request, field by field: what every format (YAML, JSON, XML, gRPC message) is brought to.
 * What needs more than one field to judge (the graph, references to the identity) is in graphRules and actionRules.
 */

const anObject = { error: expected('an object') };

const hardwareSchema = z
  .strictObject(
    {
      isa: z
        .enum(['x86_64'], { error: expected('"x86_64"') })
        .default('x86_64')
        .meta({ description: 'Instruction set.' }),
      vcpus: wholeNumber(1, MAX_VCPUS).default(1).meta({ description: 'Virtual processors.' }),
      memory: sizeSchema(MIN_MEMORY_MIB, MAX_MEMORY_MIB)
        .prefault(DEFAULT_MEMORY_MIB)
        .meta({ description: 'Exactly this much memory: a number of MiB, or for example "512MiB", "2GiB".' }),
      disk: sizeSchema(0, MAX_DISK_MIB).prefault(0).meta({
        description: 'At least this much disk, written like memory; 0 means whatever the image has.',
      }),
    },
    anObject,
  )
  .meta({ description: 'What the machine is made of.' });

const operatingSystemSchema = z
  .strictObject(
    {
      name: nameSchema.meta({ description: 'For example debian or micro.' }),
      version: versionSchema
        .optional()
        .meta({ description: 'For example "12", in quotes; absent means any.' }),
      kernel: versionSchema
        .optional()
        .meta({ description: 'Guest kernel release (uname -r); absent means any.' }),
    },
    anObject,
  )
  .meta({ description: 'Operating system of the machine.' });

const parameterSchema = z.union(
  [
    valueSchema,
    z.strictObject({
      identity: nameSchema.meta({ description: "Name of a parameter of the request's identity." }),
    }),
  ],
  { error: (issue) => typeError('a text or { identity: NAME }', issue.input) },
);

const scriptSchema = z
  .string({ error: (issue) => typeError('a script', issue.input) })
  .transform(normaliseScript)
  .superRefine((script, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (script === '') complain('expected a script, found an empty one');
    else if (isUnencodable(script)) complain('expected a text without NUL and with whole Unicode characters');
    else if (byteLength(script) > MAX_SCRIPT_BYTES) {
      complain(
        `expected at most ${MAX_SCRIPT_BYTES} bytes (256 KiB), found ${byteLength(script)}; use a file`,
      );
    }
  });

const hostSchema = z
  .strictObject(
    {
      addDisk: z
        .strictObject(
          { size: sizeSchema(1, MAX_DISK_MIB).meta({ description: 'For example "1GiB".' }) },
          anObject,
        )
        .optional()
        .meta({
          description:
            "A new empty disk; the guest sees the action's name, cut to 20 characters, as its serial number.",
        }),
      attachIso: z
        .strictObject(
          {
            label: z
              .string({ error: expected('a volume label') })
              .regex(/^[A-Z0-9_]{1,32}$/, { error: expected('1 to 32 characters A-Z, 0-9 or "_"') })
              .refine((label) => label !== 'VMPLANTS', {
                error: 'the label "VMPLANTS" belongs to the configuration ISO; choose another',
              })
              .meta({ description: 'Volume label.' }),
            files: filesSchema.min(1, { error: 'expected at least one file' }),
          },
          anObject,
        )
        .optional()
        .meta({ description: 'An ISO 9660 image of these files in the second CD-ROM drive.' }),
      addNetworkInterface: z
        .strictObject({}, { error: expected('{}') })
        .optional()
        .meta({ description: "Another interface on the request's network." }),
    },
    anObject,
  )
  .superRefine((host, context) => {
    const given = Object.values(host).filter((operation) => operation !== undefined).length;
    if (given !== 1) {
      context.addIssue({
        code: 'custom',
        message: `expected exactly one of addDisk, attachIso and addNetworkInterface, found ${given}`,
      });
    }
  });

const afterErrorSchema = z.union(
  [
    z.enum(['abort', 'continue'], { error: expected('"abort", "continue" or { goOnAt: NAME }') }),
    z.strictObject({
      goOnAt: actionReferenceSchema.meta({
        description: 'An action that follows the failed one, directly or not, or "end".',
      }),
    }),
  ],
  { error: expected('"abort", "continue" or { goOnAt: NAME }') },
);

/** A node of the DAG. Recursive through its handler; createOrder bounds the depth before it gets here. */
const actionSchema = z
  .strictObject(
    {
      name: actionNameSchema.meta({
        description: 'Unique in the request; never part of what makes two actions the same.',
      }),
      after: z
        .array(actionReferenceSchema, { error: expected('a list of names of actions') })
        .max(MAX_EDGES, { error: `expected at most ${MAX_EDGES} names` })
        .default([])
        .meta({ description: 'Actions that must have been performed before.' }),
      script: scriptSchema
        .optional()
        .meta({ description: 'Runs in the guest as root, by its #! line or else by sh; at most 256 KiB.' }),
      files: filesSchema.default([]).meta({ description: "Lie in the script's working directory." }),
      parameters: entries(parameterNameSchema, parameterSchema, 'parameters').meta({
        description:
          'Reach the script as PARAM_<name>: a text, or { identity: NAME } for one that belongs to the VM.',
      }),
      environment: entries(environmentNameSchema, valueSchema, 'environment variables').meta({
        description: "The script's environment variables.",
      }),
      timeout: timeoutSchema.prefault(DEFAULT_TIMEOUT_SECONDS).meta({
        description:
          'How long the script may take: seconds, or for example "90s", "5m"; rounded up to seconds.',
      }),
      host: hostSchema
        .optional()
        .meta({ description: 'Work on the virtual hardware, done by the host instead of a script.' }),
      opaque: keySchema.optional().meta({
        description:
          'Key of a change that was made by hand and published live: 64 hexadecimal digits in lower case. It cannot be performed; only an image that brings it serves. No other field but name and after goes with it.',
      }),
      identity: z
        .boolean({ error: expected('true or false') })
        .default(false)
        .meta({
          description:
            'True when the effect belongs to one VM: it runs after cloning and never enters a golden image. An action with a parameter from the identity is one without this mark. Only such actions get VMPLANTS_VMID and VMPLANTS_HOSTNAME.',
        }),
      maxAge: maxAgeSchema.optional().meta({
        description: 'An image that performed the action longer ago does not stand for it; for example "7d".',
      }),
      get onError() {
        return errorHandlingSchema.optional();
      },
    },
    { error: expected('an action (an object)') },
  )
  .meta({
    id: 'action',
    description:
      'A node of the DAG: a script for the guest, work for the host, or a change that only an image brings.',
  });

const errorHandlingSchema = z
  .strictObject(
    {
      retries: wholeNumber(0, MAX_RETRIES)
        .default(0)
        .meta({ description: 'How often the action is tried again before it counts as failed.' }),
      get handler() {
        return z
          .strictObject(
            { actions: actionsSchema.min(1, { error: 'expected at least one action' }) },
            anObject,
          )
          .optional();
      },
      then: afterErrorSchema.default('abort').meta({
        description:
          'What follows when the action failed: abort, continue, or { goOnAt: NAME } to skip the others that follow it.',
      }),
    },
    anObject,
  )
  .meta({ id: 'errorHandling', description: 'The implicit error node of an action.' });

const actionsSchema = z
  .array(actionSchema, { error: expected('a list of actions') })
  .max(MAX_ACTIONS, { error: `expected at most ${MAX_ACTIONS} actions` })
  .meta({ id: 'actions' });

/** The whole request. */
export const requestSchema = z.strictObject(
  {
    hardware: hardwareSchema.prefault({}),
    operatingSystem: operatingSystemSchema,
    network: z
      .enum(['host-only', 'none'], { error: expected('"host-only" or "none"') })
      .default('host-only')
      .meta({
        description: "host-only: one interface on the client domain's own network. none: no interface.",
      }),
    clientDomain: clientDomainSchema
      .default('default')
      .meta({ description: 'Owner of networks; two domains never share a host-only network.' }),
    line: nameSchema.optional().meta({
      description:
        'The production line to use: qemu, or uml (User-Mode Linux: at least 64 MiB, one processor); absent means any that the plant has.',
    }),
    identity: entries(nameSchema, identityValueSchema, 'identity parameters').meta({
      description:
        "The VM's own parameters, for example hostname, user, ssh-key. hostname defaults to the VMID.",
    }),
    actions: actionsSchema.default([]).meta({ description: 'The DAG of configuration actions.' }),
  },
  { error: expected('a request (an object)') },
);

export type CheckedRequest = z.output<typeof requestSchema>;
export type CheckedAction = z.output<typeof actionSchema>;
export type CheckedErrorHandling = z.output<typeof errorHandlingSchema>;

function wholeNumber(least: number, most: number) {
  const error = expected(`a whole number from ${least} to ${most}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A map from names to values with a bounded number of entries. */
function entries<Name extends z.ZodType<string, string>, Value extends z.ZodType>(
  name: Name,
  value: Value,
  what: string,
) {
  return z
    .record(name, value, { error: expected('an object') })
    .refine((map) => Object.keys(map).length <= MAX_ENTRIES, {
      error: `expected at most ${MAX_ENTRIES} ${what}`,
    })
    .prefault({} as z.input<z.ZodRecord<Name, Value>>);
}
