import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPlantId, readPlantId } from '../../../plant/info/plantId.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plant-id-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const random = (count: number): Uint8Array => new Uint8Array(count).fill(0xab);

test('an id is made once, and stays when the plant is called otherwise', () => {
  expect(readPlantId(directory)).toBeUndefined();
  writeFileSync(join(directory, '.plant-id.tmp'), 'of a start that died');
  const id = openPlantId(directory, 'north.example', random);
  expect(id).toBe('north.example-abababababababab');
  expect(openPlantId(directory, 'south', () => new Uint8Array(8))).toBe(id);
  expect(readPlantId(directory)).toBe(id);
  expect(readdirSync(directory)).toEqual(['plant-id']);
});

test.each(['', '../../etc/passwd-abababababababab', 'north', 'North-abababababababab'])(
  'a file that holds %j is not taken for one',
  (text) => {
    writeFileSync(join(directory, 'plant-id'), text);
    expect(() => openPlantId(directory, 'north', random)).toThrowError(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'BAD_PLANT_ID' }),
    );
  },
);
