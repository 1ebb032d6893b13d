import type { TraceAction } from './trace.js';

const MIB = 1024 * 1024;

/**
 * Real actions, measured once: `apt-get install --no-install-recommends` in a Debian 12 minbase root, the packages
 * downloaded before, one after the other as they stand here (so what one brought the next did not install again), a
 * new account, and a clone of a repository of 11 MiB from the local disk. Seconds are processor seconds, user and
 * system together, on a machine with two cores; bytes are what the root's files took more afterwards.
 */
export const MEASURED_ACTIONS: readonly TraceAction[] = [
  { name: 'install ca-certificates', seconds: 3.58, bytes: 9.8 * MIB },
  { name: 'install git', seconds: 2.99, bytes: 53.7 * MIB },
  { name: 'install python3', seconds: 3.9, bytes: 37.7 * MIB },
  { name: 'install python3-numpy', seconds: 4.62, bytes: 54.6 * MIB },
  { name: 'install python3-scipy', seconds: 20.66, bytes: 655.1 * MIB },
  { name: 'install build-essential', seconds: 1.82, bytes: 7.6 * MIB },
  { name: 'install cmake', seconds: 3.6, bytes: 89.3 * MIB },
  { name: 'install nodejs', seconds: 2.73, bytes: 53.1 * MIB },
  { name: 'install postgresql', seconds: 9.91, bytes: 255.3 * MIB },
  { name: 'install nginx-light', seconds: 2.18, bytes: 7.6 * MIB },
  { name: 'install redis-server', seconds: 1.76, bytes: 6.9 * MIB },
  { name: 'install r-base-core', seconds: 4.91, bytes: 65 * MIB },
  { name: 'install gnuplot-nox', seconds: 2.6, bytes: 41.1 * MIB },
  { name: 'install tightvncserver', seconds: 5.02, bytes: 146.2 * MIB },
  { name: 'install emacs-nox', seconds: 6.04, bytes: 159.6 * MIB },
  { name: 'install ant', seconds: 1.65, bytes: 2.4 * MIB },
  { name: 'clone a repository', seconds: 0.12, bytes: 11 * MIB },
  { name: 'add a user', seconds: 0.01, bytes: 0.1 * MIB },
].map(({ bytes, ...action }) => ({ ...action, bytes: Math.round(bytes) }));
