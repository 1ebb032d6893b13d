/** One file of the micro guest besides its two programs. Paths are relative to its root. */
export type MicroFile =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'text'; readonly path: string; readonly mode: number; readonly text: string }
  /** A copy of a file of `guest/init`. */
  | { readonly kind: 'copy'; readonly path: string; readonly mode: number; readonly source: string };

const DIRECTORIES: readonly (readonly [string, number])[] = [
  ['dev', 0o755],
  ['etc', 0o755],
  ['home', 0o755],
  ['mnt', 0o755],
  ['proc', 0o555],
  ['root', 0o700],
  ['run', 0o755],
  ['sys', 0o555],
  ['tmp', 0o1777],
  ['var/log', 0o755],
  ['var/www', 0o755],
];

/**
 * Of the shape of an encrypted password, and what no password is encrypted to. The usual `*` and `!` are no shape that
 * busybox's `login` knows: it would end with `bad salt` where it should say that the login is incorrect.
 */
export const NO_PASSWORD = '$5$locked$*';

/** Root has no password and cannot log in at the console until an action gives it one. */
const TEXTS: readonly (readonly [string, number, string])[] = [
  ['etc/passwd', 0o644, 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'],
  ['etc/group', 0o644, 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n'],
  ['etc/shadow', 0o600, `root:${NO_PASSWORD}:19700:0:99999:7:::\nnobody:${NO_PASSWORD}:19700:0:99999:7:::\n`],
  ['etc/hostname', 0o644, 'micro\n'],
  ['etc/hosts', 0o644, '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n'],
  ['etc/machine-id', 0o444, ''],
  ['etc/os-release', 0o644, 'NAME="VMPlants micro"\nID=micro\nPRETTY_NAME="VMPlants micro"\n'],
  ['etc/profile', 0o644, 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'],
];

const COPIES: readonly (readonly [string, number, string])[] = [
  ['etc/inittab', 0o644, 'micro.inittab'],
  ['etc/init.d/boot', 0o755, 'micro.boot'],
  ['usr/local/sbin/adduser', 0o755, 'micro.adduser'],
];

/**
 * Everything in the micro guest but busybox and the daemon. `applets` are the lines of `busybox --list-full`, for
 * example `usr/bin/awk`: each becomes a link. Pure.
 */
export function microFiles(applets: readonly string[]): readonly MicroFile[] {
  const links = applets
    .filter((path) => /^(?:usr\/)?s?bin\/[A-Za-z0-9_[-]+$/.test(path) && path !== 'bin/busybox')
    .map((path): MicroFile => ({ kind: 'link', path, target: '/bin/busybox' }));
  return [
    ...DIRECTORIES.map(([path, mode]): MicroFile => ({ kind: 'directory', path, mode })),
    ...TEXTS.map(([path, mode, text]): MicroFile => ({ kind: 'text', path, mode, text })),
    ...COPIES.map(([path, mode, source]): MicroFile => ({ kind: 'copy', path, mode, source })),
    { kind: 'link', path: 'usr/local/sbin/useradd', target: 'adduser' },
    ...links,
  ];
}
