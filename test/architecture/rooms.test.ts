import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the import rules over a tree of sources; the names of the rules that are broken. */
function brokenRules(directory: string): readonly string[] {
  const args = [
    join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    '.',
  ];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
  });
  const report = JSON.parse(stdout) as {
    readonly summary: { readonly violations: readonly { readonly rule: { readonly name: string } }[] };
  };
  return [...new Set(report.summary.violations.map(({ rule }) => rule.name))].sort();
}

describe('the import directions between rooms', () => {
  const planted: string[] = [];
  afterEach(() => {
    for (const directory of planted.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  /** A tree of sources with these files, and nothing else. */
  function plant(files: Readonly<Record<string, string>>): string {
    const directory = mkdtempSync(join(tmpdir(), 'vmplants-rooms-'));
    planted.push(directory);
    writeFileSync(join(directory, 'tsconfig.json'), '{}');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  }

  it('are kept', { timeout: 150_000 }, () => {
    expect(brokenRules(root)).toEqual([]);
  });

  it('are noticed when they are not', () => {
    const tree = plant({
      'model/order.ts': "import '../plant/plant.js';\n",
      'plant/plant.ts': "import '../shop/shop.js';\n",
      'plant/planner/plan.ts': "import 'node:fs';\nimport '../plant.js';\n",
      'plant/learn/decide/decide.ts': "import 'node:fs';\nimport '../../plant.js';\n",
      'shop/shop.ts': "import './index.js';\n",
      'shop/index.ts': "import './shop.js';\n",
      'guest/protocol.ts': "import '../model/order.js';\n",
    });
    expect(brokenRules(tree)).toEqual([
      'guest-imports',
      'learning-decision-is-pure',
      'model-imports',
      'no-barrels',
      'no-cycles',
      'planner-is-pure',
      'plant-imports',
    ]);
  });
});

describe('the sources', () => {
  // Also what is not committed yet; and not what was deleted since.
  const listed = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'];
  const sources = execFileSync('git', listed, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => existsSync(join(root, path)))
    .filter((path) => /^(model|request|proto|registry|warehouse|guest|shop|plant|cli)\//.test(path))
    .filter((path) => !path.startsWith('proto/gen/') && !path.endsWith('/main.ts'));
  /** Code without its comments; good enough for the few words that are looked for. */
  const code = (path: string): string =>
    readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

  it.each([
    ['environment and arguments', /\bprocess\.(env|argv)\b/, /^$/],
    ['chance', /\bMath\.random\(/, /^$/],
    // A gRPC deadline is a moment, so the edges need the clock.
    ['the clock', /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, /^proto\//],
  ])('read %s only in main.ts', (_what, pattern, excepted) => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.filter((path) => !excepted.test(path) && pattern.test(code(path)))).toEqual([]);
  });
});
