/**
 * The (attribute, value) description of a VM that a client gets (VMPlants paper, section 3.1; HTCondor's ClassAd
 * language). Attribute names are case-insensitive; the first spelling is kept.
 */
export type ClassadValue = string | number | boolean | readonly ClassadValue[] | Classad;

export interface Classad {
  readonly [attribute: string]: ClassadValue;
}
