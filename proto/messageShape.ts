import type { PackageDefinition } from '@grpc/proto-loader';
import type { FieldShape, MessageShape } from './wireBounds.js';

/** The part of a google.protobuf.DescriptorProto that is used; the loader declares it as `object` only. */
interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly {
    readonly number: number;
    readonly type: string;
    readonly label: string;
    readonly typeName: string;
  }[];
  readonly nestedType: readonly MessageDescriptor[];
}

/**
 * The shape of a message by its full name, with all that it contains. Throws when the definition does not have it,
 * or has in it what no contract of this system uses and the scan does not know: groups and packed numbers.
 */
export function messageShape(definition: PackageDefinition, fullName: string): MessageShape {
  const descriptors = descriptorsOf(definition);
  const shapes = new Map<string, MessageShape>();
  const shapeOf = (name: string): MessageShape => {
    const known = shapes.get(name);
    if (known !== undefined) return known;
    const fields = new Map<number, FieldShape>();
    const shape = { fields };
    // Before its fields: a message may contain itself.
    shapes.set(name, shape);
    const descriptor = descriptors.get(name);
    if (descriptor === undefined) throw new Error(`the .proto files do not define ${name}`);
    for (const { number, type, label, typeName } of descriptor.field) {
      const kind = KINDS[type];
      if (kind === undefined || (label === 'LABEL_REPEATED' && kind !== 'bytes' && kind !== 'message')) {
        throw new Error(`field ${number} of ${name} is of a type that requests do not use yet`);
      }
      fields.set(
        number,
        kind === 'message' ? { kind, shape: shapeOf(resolve(typeName, name, descriptors)) } : { kind },
      );
    }
    return shape;
  };
  return shapeOf(fullName);
}

const KINDS: Readonly<Record<string, FieldShape['kind'] | undefined>> = {
  TYPE_MESSAGE: 'message',
  TYPE_STRING: 'bytes',
  TYPE_BYTES: 'bytes',
  TYPE_BOOL: 'varint32',
  TYPE_ENUM: 'varint32',
  TYPE_INT32: 'varint32',
  TYPE_UINT32: 'varint32',
  TYPE_SINT32: 'varint32',
  TYPE_INT64: 'varint64',
  TYPE_UINT64: 'varint64',
  TYPE_SINT64: 'varint64',
  TYPE_FIXED32: 'fixed32',
  TYPE_SFIXED32: 'fixed32',
  TYPE_FLOAT: 'fixed32',
  TYPE_FIXED64: 'fixed64',
  TYPE_SFIXED64: 'fixed64',
  TYPE_DOUBLE: 'fixed64',
};

function descriptorsOf(definition: PackageDefinition): ReadonlyMap<string, MessageDescriptor> {
  const found = new Map<string, MessageDescriptor>();
  const add = (name: string, descriptor: MessageDescriptor): void => {
    found.set(name, descriptor);
    // The types of map entries: only here, never listed by themselves.
    for (const nested of descriptor.nestedType) add(`${name}.${nested.name}`, nested);
  };
  for (const [name, entry] of Object.entries(definition)) {
    if (entry.format === 'Protocol Buffer 3 DescriptorProto') add(name, entry.type as MessageDescriptor);
  }
  return found;
}

/** The full name of a type as written in a message: absolute, or sought from the message outwards. */
function resolve(
  typeName: string,
  from: string,
  descriptors: ReadonlyMap<string, MessageDescriptor>,
): string {
  if (typeName.startsWith('.')) return typeName.slice(1);
  for (let scope = from; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
    if (descriptors.has(`${scope}.${typeName}`)) return `${scope}.${typeName}`;
  }
  return typeName;
}
