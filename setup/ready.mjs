#!/usr/bin/env node
/**
 * Makes a fresh Debian 12 with Node and npm ready for `npm run quickstart`, `npm test` and `npm run check`: installs
 * the Debian packages and npm packages that are missing and compiles the sources, each only when needed, and names
 * what it cannot install. Plain JavaScript without dependencies, because it runs before anything is installed.
 *
 *     node setup/ready.mjs [--without-virtual-machines] [--for-tests]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each Debian package is needed for; shown when it cannot be installed. */
const packages = [
  { name: 'qemu-system-x86', proof: '/usr/bin/qemu-system-x86_64', why: 'runs the virtual machines' },
  { name: 'qemu-utils', proof: '/usr/bin/qemu-img', why: 'makes copy-on-write disks' },
  { name: 'mmdebstrap', proof: '/usr/bin/mmdebstrap', why: 'assembles the Debian base image from packages' },
  { name: 'e2fsprogs', proof: '/sbin/mkfs.ext4', why: 'makes the file systems of base images' },
  { name: 'cpio', proof: '/usr/bin/cpio', why: 'makes initial RAM disks' },
  { name: 'gcc', proof: '/usr/bin/gcc', why: 'compiles the guest daemon' },
  { name: 'libc6-dev', proof: '/usr/include/stdio.h', why: 'compiles the guest daemon' },
  { name: 'kmod', proof: '/sbin/depmod', why: 'lists the kernel modules of guests' },
  { name: 'xorriso', proof: '/usr/bin/xorriso', why: 'checks ISO images in the tests' },
  { name: 'openssh-client', proof: '/usr/bin/ssh-keygen', why: 'checks SSH host keys in the tests' },
  {
    name: 'python3-grpcio',
    proof: '/usr/share/doc/python3-grpcio',
    why: 'runs the Python client in the tests',
  },
  { name: 'protobuf-compiler', proof: '/usr/bin/protoc', why: 'runs the Python client in the tests' },
  {
    name: 'user-mode-linux',
    proof: '/usr/bin/linux.uml',
    why: 'runs virtual machines without hardware support or emulator',
  },
  { name: 'uml-utilities', proof: '/usr/bin/uml_mconsole', why: 'talks to User-Mode Linux machines' },
];

const withoutVirtualMachines = process.argv.includes('--without-virtual-machines');
const forTests = process.argv.includes('--for-tests');
const asRoot = process.getuid?.() === 0;
const say = (line) => process.stderr.write(`setup: ${line}\n`);
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Runs a command to its end; its output is shown only when it fails. */
function run(command, args, { minutes, env = {}, cwd = root }) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: minutes * 60_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return true;
  const why = result.error?.message ?? `exit status ${result.status}`;
  say(`${command} ${args.join(' ')}: ${why}\n${`${result.stdout ?? ''}${result.stderr ?? ''}`.slice(-4000)}`);
  return false;
}

function installDebianPackages(wanted) {
  const missing = wanted.filter((entry) => !existsSync(entry.proof));
  if (missing.length === 0) return true;
  const names = missing.map((entry) => entry.name);
  const byHand = `apt-get install ${names.join(' ')}`;
  if (!asRoot || !existsSync('/usr/bin/apt-get')) {
    say(`missing Debian packages, and ${asRoot ? 'there is no apt-get' : 'this is not root'}:`);
    for (const entry of missing) say(`  ${entry.name}: ${entry.why}`);
    say(`install them as root with: ${byHand}`);
    return false;
  }
  const since = Date.now();
  say(`installing Debian packages: ${names.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const installed =
    run('apt-get', ['update', '-qq'], { minutes: 5, env }) &&
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { minutes: 15, env });
  if (installed) say(`Debian packages installed in ${seconds(since)}`);
  else say(`could not install them; by hand: ${byHand}`);
  return installed;
}

/** Native addons come prebuilt where possible and are compiled otherwise, which needs these. */
function installCompiler() {
  return installDebianPackages([
    { name: 'python3', proof: '/usr/bin/python3', why: 'compiles a native npm package (better-sqlite3)' },
    { name: 'make', proof: '/usr/bin/make', why: 'compiles a native npm package (better-sqlite3)' },
    { name: 'g++', proof: '/usr/bin/g++', why: 'compiles a native npm package (better-sqlite3)' },
  ]);
}

/**
 * The tests start etcd themselves. Installing Debian's package would also start it as a service of this machine, so it is
 * only unpacked, unless somebody has installed it.
 */
function unpackEtcd() {
  const directory = join(root, '.vmplants', 'tools', 'etcd-server');
  if (existsSync('/usr/bin/etcd') || existsSync(join(directory, 'usr', 'bin', 'etcd'))) return true;
  const byHand = 'the tests need the program etcd: install the Debian package etcd-server';
  const scratch = `${directory}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  try {
    say('unpacking the Debian package etcd-server for the tests');
    const user = asRoot ? ['-o', 'APT::Sandbox::User=root'] : [];
    const fetched = run('apt-get', ['-q', ...user, 'download', 'etcd-server'], { minutes: 5, cwd: scratch });
    const file = readdirSync(scratch).find((name) => name.endsWith('.deb'));
    if (
      fetched &&
      file !== undefined &&
      run('dpkg-deb', ['-x', join(scratch, file), scratch], { minutes: 5 })
    ) {
      rmSync(directory, { recursive: true, force: true });
      renameSync(scratch, directory);
      return true;
    }
    say(byHand);
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Runs `work` unless the inputs are those of its last success, remembered in a file. */
function unlessDone(marker, inputs, outputs, work) {
  const digest = digestOf(inputs);
  const file = join(root, marker);
  const done = existsSync(file) && readFileSync(file, 'utf8') === digest;
  if (done && outputs.every((output) => existsSync(join(root, output)))) return true;
  if (!work()) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, digest);
  return true;
}

function installNpmPackages() {
  const outputs = [
    'node_modules/typescript',
    'node_modules/better-sqlite3/build/Release/better_sqlite3.node',
  ];
  return unlessDone(
    'node_modules/.vmplants-installed',
    ['package.json', 'package-lock.json'],
    outputs,
    () => {
      if (!installCompiler()) return false;
      const since = Date.now();
      say('installing npm packages (one of them may be compiled, which takes a minute)');
      // Not `npm ci`: it refuses a lock file without the optional packages of other platforms. This keeps to the lock
      // file's versions and digests all the same, and leaves it as it is.
      const installed = run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { minutes: 15 });
      if (installed) say(`npm packages installed in ${seconds(since)}`);
      return installed;
    },
  );
}

const sourceRooms = [
  'proto',
  'model',
  'request',
  'shop',
  'plant',
  'warehouse',
  'guest',
  'registry',
  'cli',
  'dev',
  'quickstart',
];

function* sourceFiles(directory) {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (statSync(join(root, path)).isFile() && path.endsWith('.ts')) yield path;
  }
}

function build() {
  const rooms = sourceRooms.filter((room) => existsSync(join(root, room)));
  const inputs = [
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    ...rooms.flatMap((room) => [...sourceFiles(room)]),
  ];
  return unlessDone(
    'dist/.vmplants-built',
    inputs.sort(),
    ['dist/shop/cli/main.js', 'dist/plant/cli/main.js'],
    () => {
      const since = Date.now();
      say('compiling');
      const built = run('npm', ['run', '-s', 'build'], { minutes: 5 });
      if (built) say(`compiled in ${seconds(since)}`);
      return built;
    },
  );
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  say(`Node.js 20 or newer is needed, this is ${process.versions.node}`);
  process.exit(1);
}
const debianPackages = withoutVirtualMachines || installDebianPackages(packages);
const ready = debianPackages && (!forTests || unpackEtcd()) && installNpmPackages() && build();
if (!ready) process.exit(1);
