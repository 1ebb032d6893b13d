/**
 * A script that says what tells its machine from others, in lines `name=value`; `random` lines hold many blocks of 16
 * bytes, in hexadecimal.
 */
export const FACTS = `
echo "machineId=$(cat /etc/machine-id)"
echo "bootId=$(cat /proc/sys/kernel/random/boot_id)"
echo "hostname=$(hostname)"
echo "mac=$(cat /sys/class/net/eth0/address)"
echo "random=$(head -c 2048 /dev/urandom | od -An -v -tx1 | tr -d ' \\n')"
for n in 1 2 3 4 5 6 7 8; do read -r uuid </proc/sys/kernel/random/uuid; echo "uuid=$uuid"; done
`;

/** Values by name, in the order in which they were said. */
export type Facts = ReadonlyMap<string, readonly string[]>;

export function factsIn(text: string): Facts {
  const facts = new Map<string, string[]>();
  for (const line of text.trim().split('\n')) {
    const at = line.indexOf('=');
    const name = line.slice(0, at);
    facts.set(name, [...(facts.get(name) ?? []), line.slice(at + 1)]);
  }
  return facts;
}

export const oneFact = (facts: Facts, name: string): string | undefined => facts.get(name)?.[0];

/** Every block of random bytes and every UUID of all the machines, those that occur twice as often as they do. */
export function randomBlocks(machines: readonly Facts[]): readonly string[] {
  return machines.flatMap((facts) => [
    ...(facts.get('random') ?? []).flatMap((hex) => hex.match(/.{32}/g) ?? []),
    ...(facts.get('uuid') ?? []),
  ]);
}
