import type { Command } from 'commander';
import { addCompletion } from '../../cli/completionCommand.js';
import { createProgram } from '../../cli/createProgram.js';
import type { CliEnvironment } from '../../cli/environment.js';
import { addBids } from './bids.js';
import { addBroker } from './broker.js';
import { addConsole } from './console.js';
import { addContext } from './context.js';
import { addCreate } from './create.js';
import { addDestroy } from './destroy.js';
import { addDev } from './dev.js';
import { addExec } from './exec.js';
import { addGet } from './get.js';
import { addPin, addShare, addUnpin } from './imagePolicy.js';
import { addImages } from './images.js';
import { addLearn } from './learn.js';
import { addList } from './list.js';
import { addPlan } from './plan.js';
import { addPlants } from './plants.js';
import { addPublish } from './publish.js';
import { addServe } from './serve.js';
import { addGlobalOptions } from './shopCli.js';
import { addVersion } from './versionCommand.js';

/** The command line `vmshop`. */
export function shopProgram(environment: CliEnvironment, version: string): Command {
  const program = createProgram(
    'vmshop',
    'Create, query and collect configured virtual machines.',
    version,
    environment.terminal,
  );
  addGlobalOptions(program);
  program.commandsGroup('Virtual machines:');
  addCreate(program, environment);
  addGet(program, environment);
  addList(program, environment);
  addDestroy(program, environment);
  addExec(program, environment);
  addConsole(program, environment);
  program.commandsGroup('Looking ahead:');
  addPlan(program, environment);
  addBids(program, environment);
  addPlants(program, environment);
  program.commandsGroup('Golden images:');
  addImages(program, environment);
  addPublish(program, environment);
  addShare(program, environment);
  addPin(program, environment);
  addUnpin(program, environment);
  addLearn(program, environment);
  program.commandsGroup('Running and setting up:');
  addServe(program, environment);
  addBroker(program, environment, version);
  addDev(program, environment);
  addContext(program, environment);
  addCompletion(program, environment);
  addVersion(program, environment, version);
  return program;
}
