import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ownWarehouse } from '../../dev/clusterPlan.js';
import { writeFakeGuests } from '../../dev/fakeGuests.js';
import { parseScript } from '../../plant/line/fake/script.js';
import { readRequest } from '../../request/readRequest.js';
import { surveyWarehouse } from '../../warehouse/survey.js';

it('writes an image that a warehouse takes, and a request that a fake guest can carry out', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vmplants-fake-guests-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = await writeFakeGuests(directory, Date.UTC(2026, 10, 20));
  const survey = await surveyWarehouse(ownWarehouse(directory), new AbortController().signal);
  expect(survey.problems).toEqual([]);
  expect(survey.images.map(({ image, state }) => [image.name, state, image.lines])).toEqual([
    ['micro', 'usable', ['fake']],
  ]);

  const request = readRequest(await readFile(file), 'yaml') as {
    readonly actions: readonly { readonly script: string }[];
  };
  const steps = request.actions.flatMap(({ script }) => parseScript(script));
  expect(steps.map(({ kind }) => kind)).toEqual(['output', 'sleep', 'attribute']);
});
