import type { Command } from 'commander';
import type { PlantEnvironment } from './plantEnvironment.js';
import { addWarehouseBuild } from './warehouseBuild.js';
import { addWarehouseGc } from './warehouseGc.js';
import { addWarehouseList } from './warehouseList.js';
import { addWarehousePolicy } from './warehousePolicy.js';
import { addWarehousePublish } from './warehousePublish.js';
import { addWarehouseRemove } from './warehouseRemove.js';
import { addWarehouseVerify } from './warehouseVerify.js';

/** `vmplant warehouse ...`: the golden images of this host. */
export function addWarehouse(program: Command, environment: PlantEnvironment): void {
  const warehouse = program
    .command('warehouse')
    .description('golden images: build, publish, list, verify, share, pin, remove, gc');
  addWarehouseBuild(warehouse, environment);
  addWarehousePublish(warehouse, environment);
  addWarehouseList(warehouse, environment);
  addWarehouseVerify(warehouse, environment);
  addWarehousePolicy(warehouse, environment);
  addWarehouseRemove(warehouse, environment);
  addWarehouseGc(warehouse, environment);
}
