import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the programs of this checkout are started. */
export interface Programs {
  /** Scripts for Node.js. */
  readonly vmshop: string;
  readonly vmplant: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For Node.js itself, before the script: what it takes to run uncompiled sources. Default: nothing. */
  readonly nodeArguments?: readonly string[];
}

/** Where things are that belong to the program which runs, compiled or not. */
export interface Installation {
  readonly vmshop: string;
  readonly vmplant: string;
  /** Directory of requests to copy from. */
  readonly examples: string;
}

/** Finds them from where this file is: below the sources, or below `dist/`. */
export function installation(): Installation {
  const file = fileURLToPath(import.meta.url);
  const extension = file.endsWith('.ts') ? 'ts' : 'js';
  const top = dirname(dirname(file));
  const root = existsSync(join(top, 'package.json')) ? top : dirname(top);
  return {
    vmshop: join(top, `shop/cli/main.${extension}`),
    vmplant: join(top, `plant/cli/main.${extension}`),
    examples: join(root, 'examples'),
  };
}
