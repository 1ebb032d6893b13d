import { published, unpublished } from './imageFixture.js';

/**
 * A program for the tests: publishes an image into the warehouse and kills itself at the given step.
 * Arguments: WAREHOUSE NAME STEP.
 */
const [warehouse, name, deadlyStep] = process.argv.slice(2);
if (warehouse === undefined || name === undefined) throw new Error('expected WAREHOUSE NAME STEP');
await published(warehouse, unpublished(name), (step) => {
  if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
});
