/**
 * The scripts that the fake guest understands, one form a line:
 *
 *     echo TEXT
 *     echo NAME=VALUE >> "$VMPLANTS_ATTRIBUTES"
 *     sleep SECONDS
 *     exit N
 *     # anything, or nothing
 *
 * TEXT and VALUE may stand in one pair of quotes; nothing is expanded in them. Any other line ends the script with
 * status 127, as a command does that is not there. Pure.
 */
export type ScriptStep =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  | { readonly kind: 'sleep'; readonly seconds: number }
  | { readonly kind: 'exit'; readonly status: number };

const ATTRIBUTE = /^echo (["']?)([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)\1 >> "\$VMPLANTS_ATTRIBUTES"$/;
const ECHO = /^echo (?:"([^"$`\\]*)"|'([^']*)'|([^"'$`\\<>|;&]*))$/;
const SLEEP = /^sleep (\d+(?:\.\d+)?)$/;
const EXIT = /^exit (\d{1,3})$/;

/** The steps of a script, up to the first that ends it. */
export function parseScript(script: string): readonly ScriptStep[] {
  const steps: ScriptStep[] = [];
  for (const line of script.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const found = parseLine(line);
    steps.push(...found);
    if (found.some((step) => step.kind === 'exit')) break;
  }
  return steps;
}

function parseLine(line: string): readonly ScriptStep[] {
  const attribute = ATTRIBUTE.exec(line);
  if (attribute !== null) return [{ kind: 'attribute', name: attribute[2] ?? '', value: attribute[3] ?? '' }];
  const echo = ECHO.exec(line);
  if (echo !== null) return [{ kind: 'output', text: `${echo[1] ?? echo[2] ?? echo[3] ?? ''}\n` }];
  const sleep = SLEEP.exec(line);
  if (sleep !== null) return [{ kind: 'sleep', seconds: Number(sleep[1]) }];
  const exit = EXIT.exec(line);
  if (exit !== null) return [{ kind: 'exit', status: Number(exit[1]) % 256 }];
  return [
    { kind: 'output', text: `fake guest: not one of the forms it understands: ${line}\n` },
    { kind: 'exit', status: 127 },
  ];
}
