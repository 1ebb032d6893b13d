import type { FieldViolation } from '../../model/errors.js';
import { quote } from '../../model/schema/text.js';

/** As the warehouse names the directories of images. */
const IMAGE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** What is wrong with the name of a golden image, in the field `name`. */
export function imageNameViolations(name: string): readonly FieldViolation[] {
  if (IMAGE_NAME.test(name)) return [];
  const rule = '1 to 63 of a-z, 0-9, dot, underscore and dash, the first a letter or digit';
  return [{ field: 'name', description: `expected ${rule}, found ${quote(name)}` }];
}
