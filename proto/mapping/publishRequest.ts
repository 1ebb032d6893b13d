import type { FieldViolation } from '../../model/errors.js';
import type { SharedWithDomains } from '../../model/goldenImage.js';
import { actionNameSchema } from '../../model/schema/names.js';
import { byteLength, isUnencodable, quote } from '../../model/schema/text.js';
import type { LivePublication__Output } from '../gen/vmplants/v1/LivePublication.js';
import type { PublishRequest__Output } from '../gen/vmplants/v1/PublishRequest.js';
import { imageNameViolations } from './imageName.js';

const VMID = /^vm-[a-z2-7]{26}$/;
const MAX_SCRUB_BYTES = 64 * 1024;
const MAX_KEPT = 1000;

/**
 * What is wrong with a request to publish, by its paths in the message. The order within it is not looked at: whoever
 * reads it says what is wrong there.
 */
export function publishRequestViolations(request: PublishRequest__Output): readonly FieldViolation[] {
  return [
    ...(VMID.test(request.vmid)
      ? []
      : [
          {
            field: 'vmid',
            description: `expected a VMID ("vm-" and 26 characters a-z, 2-7), found ${quote(request.vmid)}`,
          },
        ]),
    ...imageNameViolations(request.name),
    ...(request.shared === '' ? [] : sharedViolations(request.shared)),
    ...(request.live == null ? [] : liveViolations(request.live)),
  ];
}

/** `no`, `disk` or `memory`; undefined for anything else. */
export function sharedFromText(text: string): SharedWithDomains | undefined {
  return text === 'no' || text === 'disk' || text === 'memory' ? text : undefined;
}

export function sharedViolations(text: string): readonly FieldViolation[] {
  if (sharedFromText(text) !== undefined) return [];
  return [{ field: 'shared', description: `expected no, disk or memory, found ${quote(text)}` }];
}

function liveViolations(live: LivePublication__Output): readonly FieldViolation[] {
  const violations: FieldViolation[] = [];
  const bytes = byteLength(live.scrub);
  if (bytes > MAX_SCRUB_BYTES) {
    violations.push({
      field: 'live.scrub',
      description: `expected at most ${MAX_SCRUB_BYTES} bytes, found ${bytes}`,
    });
  }
  if (isUnencodable(live.scrub)) {
    violations.push({
      field: 'live.scrub',
      description: 'expected a text without NUL and with whole Unicode characters',
    });
  }
  if (live.keep.length > MAX_KEPT) {
    return [
      ...violations,
      { field: 'live.keep', description: `expected at most ${MAX_KEPT} names, found ${live.keep.length}` },
    ];
  }
  live.keep.forEach((name, index) => {
    const { error } = actionNameSchema.safeParse(name);
    if (error === undefined) return;
    violations.push({
      field: `live.keep[${index}]`,
      description: error.issues[0]?.message ?? 'expected the name of an action',
    });
  });
  return violations;
}
