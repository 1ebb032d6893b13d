import type { Command } from 'commander';
import { addCompletion } from '../../cli/completionCommand.js';
import { createProgram } from '../../cli/createProgram.js';
import { addAudit } from './audit.js';
import { addGlobalOptions } from './globalOptions.js';
import { addKey } from './key.js';
import { addPlan } from './plan.js';
import type { PlantEnvironment } from './plantEnvironment.js';
import { addServe } from './serve.js';
import { addVersion } from './versionCommand.js';
import { addWarehouse } from './warehouse.js';

/** The command line `vmplant`. */
export function plantProgram(environment: PlantEnvironment): Command {
  const program = createProgram(
    'vmplant',
    'Run the plant of a host, and look after its golden images.',
    environment.version,
    environment.terminal,
  );
  addGlobalOptions(program);
  program.commandsGroup('The plant:');
  addServe(program, environment);
  addAudit(program, environment);
  program.commandsGroup('Golden images:');
  addWarehouse(program, environment);
  program.commandsGroup('Orders:');
  addPlan(program, environment);
  addKey(program, environment);
  program.commandsGroup('Setting up:');
  addCompletion(program, environment);
  addVersion(program, environment);
  return program;
}
