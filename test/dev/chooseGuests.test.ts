import { describe, expect, it } from 'vitest';
import { type AvailableImage, chooseGuests, exampleFor } from '../../dev/chooseGuests.js';

const MICRO: AvailableImage = { name: 'micro', lines: ['qemu'], operatingSystem: { name: 'micro' } };
const DEBIAN: AvailableImage = { name: 'deb', lines: ['qemu', 'uml'], operatingSystem: { name: 'debian' } };
const CANNOT = 'building one takes root';

describe('what the VMs of a cluster are made of', () => {
  it.each([
    ['images that are there', undefined, [MICRO], CANNOT, { line: 'qemu', images: 'user' }],
    ['a base that is built', undefined, [], undefined, { line: 'qemu', images: 'build' }],
    ['nothing real', 'fake', [MICRO], undefined, { line: 'fake', images: 'fake' }],
    ['images of one of the lines', 'qemu,uml', [MICRO], CANNOT, { line: 'qemu,uml', images: 'user' }],
    [
      'a base, where the images are for another line',
      'uml',
      [MICRO],
      undefined,
      { line: 'uml', images: 'build' },
    ],
  ] as const)('%s', (_what, line, images, cannotBuild, guests) => {
    expect(chooseGuests({ line, images, cannotBuild })).toEqual(guests);
  });

  it('fakes, and says so, only where nobody asked for real ones', () => {
    const guests = chooseGuests({ line: undefined, images: [], cannotBuild: CANNOT });
    expect(guests).toMatchObject({ line: 'fake', images: 'fake' });
    expect(guests.note).toContain(CANNOT);
    expect(() => chooseGuests({ line: 'qemu', images: [], cannotBuild: CANNOT })).toThrow(
      `there is no golden image for qemu, and ${CANNOT}`,
    );
  });

  it.each([['qemu,'], ['QEMU'], ['qemu,fake'], ['-x'], [''], ['foo'], ['uml,uml']])(
    'refuses the lines %j',
    (line) => {
      expect(() => chooseGuests({ line, images: [MICRO], cannotBuild: undefined })).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'USAGE' }),
      );
    },
  );

  it('names a request that an image serves', () => {
    expect(exampleFor([DEBIAN, MICRO], ['qemu'])).toBe('hello.yaml');
    expect(exampleFor([DEBIAN, MICRO], ['uml'])).toBe('workspace.yaml');
    expect(exampleFor([{ ...MICRO, operatingSystem: { name: 'plan9' } }], ['qemu'])).toBeUndefined();
  });
});
