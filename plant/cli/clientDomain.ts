import { InvalidArgumentError } from 'commander';
import { clientDomainSchema } from '../../model/schema/names.js';

/** The value of an option that is a client domain. */
export function clientDomain(text: string): string {
  const result = clientDomainSchema.safeParse(text);
  if (result.success) return result.data;
  throw new InvalidArgumentError('Expected a domain name in lower case, such as example.org.');
}
