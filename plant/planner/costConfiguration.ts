import { type FieldViolation, invalidArgument } from '../../model/errors.js';
import { COST_MODELS, type CostModel, DEFAULT_COST_MODELS } from './cost.js';

/** A heavier weight than this is taken for a mistake; it also keeps every cost finite. */
const MAX_COST_WEIGHT = 1e9;

/**
 * The cost models of a plant from its configuration: a list of `{name, weight}`, each name at most once. Undefined
 * gives the paper's: `[{name: compute, weight: 4}, {name: network, weight: 50}]`.
 *
 * @param field path of the list in the configuration, for the violations
 * @throws VmplantsError INVALID_ARGUMENT naming every place that is wrong
 */
export function parseCostConfiguration(configuration: unknown, field = 'costs'): readonly CostModel[] {
  if (configuration === undefined) return DEFAULT_COST_MODELS;
  if (!Array.isArray(configuration) || configuration.length === 0) {
    const description = 'expected a list of at least one {name, weight}';
    throw invalidArgument([{ field, description: `${description}, found ${described(configuration)}` }]);
  }
  const violations: FieldViolation[] = [];
  const models: CostModel[] = [];
  const seen = new Set<string>();
  configuration.forEach((item: unknown, position) => {
    const model = parseItem(item, `${field}[${position}]`, seen, violations);
    if (model !== undefined) models.push(model);
  });
  if (violations.length > 0) throw invalidArgument(violations);
  return models;
}

function parseItem(
  item: unknown,
  field: string,
  seen: Set<string>,
  violations: FieldViolation[],
): CostModel | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    violations.push({ field, description: `expected {name, weight}, found ${described(item)}` });
    return undefined;
  }
  const found = new Map<string, unknown>(Object.entries(item));
  for (const key of found.keys()) {
    if (key !== 'name' && key !== 'weight') {
      violations.push({
        field,
        description: `has an unknown field ${JSON.stringify(key)}; known are name and weight`,
      });
    }
  }
  const name = found.get('name');
  const create = typeof name === 'string' ? COST_MODELS.get(name) : undefined;
  if (create === undefined || typeof name !== 'string') {
    const known = [...COST_MODELS.keys()].join(', ');
    violations.push({
      field: `${field}.name`,
      description: `expected one of ${known}, found ${described(name)}`,
    });
  } else if (seen.has(name)) {
    violations.push({ field: `${field}.name`, description: `${name} is in the list twice` });
  } else {
    seen.add(name);
  }
  const weight = found.get('weight');
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= MAX_COST_WEIGHT)) {
    violations.push({
      field: `${field}.weight`,
      description: `expected a number from 0 to ${MAX_COST_WEIGHT}, found ${described(weight)}`,
    });
    return undefined;
  }
  return create?.(weight);
}

/** What was found, in a few words whatever it is. */
function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return `a value of type ${typeof value}`;
}
