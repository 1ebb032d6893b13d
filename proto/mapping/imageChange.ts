import { type FieldViolation, invalidArgument } from '../../model/errors.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import { clientDomainSchema } from '../../model/schema/names.js';
import type { UpdateImageRequest__Output } from '../gen/vmplants/v1/UpdateImageRequest.js';
import { imageNameViolations } from './imageName.js';
import { sharedFromText, sharedViolations } from './publishRequest.js';

/** A decision about an image, by one of a client domain. What is not named stays. */
export interface ImageChange {
  readonly name: string;
  readonly clientDomain: string;
  readonly shared?: SharedWithDomains;
  readonly pinned?: boolean;
}

/** The domain of whoever names none, as in requests for VMs. */
const DEFAULT_DOMAIN = 'default';

/** INVALID_ARGUMENT names the fields, also when nothing is to be changed. */
export function imageChangeFromMessage(message: UpdateImageRequest__Output): ImageChange {
  const { name, pinned } = message;
  const clientDomain = message.clientDomain === '' ? DEFAULT_DOMAIN : message.clientDomain;
  const shared = message.shared === undefined ? undefined : sharedFromText(message.shared);
  const violations: FieldViolation[] = [...imageNameViolations(name)];
  const { error } = clientDomainSchema.safeParse(clientDomain);
  if (error !== undefined) {
    violations.push({
      field: 'client_domain',
      description: error.issues[0]?.message ?? 'expected a domain name',
    });
  }
  if (message.shared !== undefined) violations.push(...sharedViolations(message.shared));
  if (message.shared === undefined && pinned === undefined) {
    violations.push({ field: 'shared', description: 'expected shared or pinned, found neither' });
  }
  if (violations.length > 0) throw invalidArgument(violations);
  return {
    name,
    clientDomain,
    ...(shared === undefined ? {} : { shared }),
    ...(pinned === undefined ? {} : { pinned }),
  };
}
