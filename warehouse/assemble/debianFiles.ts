/** One change to the tree that the packages made. Paths are relative to the guest's root. */
export type DebianChange =
  | { readonly kind: 'text'; readonly path: string; readonly mode: number; readonly text: string }
  /** A copy of a file of `guest/init`. */
  | { readonly kind: 'copy'; readonly path: string; readonly mode: number; readonly source: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'remove'; readonly path: string };

/**
 * Units that keep what belongs to one machine, wake up for housekeeping, wait for a network that comes later, or
 * want hardware that a guest has not. Masked: each costs every boot, and the timers every clone.
 */
const MASKED_UNITS = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'man-db.timer',
  'systemd-tmpfiles-clean.timer',
  'getty@tty1.service',
  'getty-static.service',
  'proc-sys-fs-binfmt_misc.automount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-hugepages.mount',
  'systemd-ask-password-console.path',
  'systemd-ask-password-wall.path',
  'systemd-binfmt.service',
  'systemd-firstboot.service',
  'systemd-initctl.socket',
  'systemd-journal-flush.service',
  'systemd-machine-id-commit.service',
  'systemd-networkd-wait-online.service',
  'systemd-pcrphase.service',
  'systemd-pcrphase-sysinit.service',
  'systemd-pstore.service',
  'systemd-random-seed.service',
  'systemd-repart.service',
  'systemd-timesyncd.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
] as const;

/** Changes that every Debian guest gets, with the daemon or without. */
const COMMON_CHANGES: readonly DebianChange[] = [
  // Empty, not missing: a missing one makes systemd treat every boot as the first and run all presets.
  { kind: 'text', path: 'etc/machine-id', mode: 0o444, text: '' },
  { kind: 'text', path: 'etc/hostname', mode: 0o644, text: 'debian\n' },
  {
    kind: 'text',
    path: 'etc/hosts',
    mode: 0o644,
    text: '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
  },
  {
    kind: 'text',
    path: 'etc/fstab',
    mode: 0o644,
    text: '# The initial RAM disk mounts the root file system.\n',
  },
  { kind: 'remove', path: 'etc/resolv.conf' },
  {
    kind: 'text',
    path: 'etc/resolv.conf',
    mode: 0o644,
    text: '# No name server until an action names one.\n',
  },
  { kind: 'remove', path: 'var/lib/dbus/machine-id' },
  { kind: 'remove', path: 'var/log/journal' },
];

/** Modules that udev would load for parts of the emulated machine that nothing uses. Loaded by hand they still work. */
const UNWANTED_MODULES = [
  'ata_generic',
  'ata_piix',
  'kvm_amd',
  'kvm_intel',
  'powernow_k8',
  'qemu_fw_cfg',
  'serio_raw',
  'sg',
] as const;

/** Changes that make a guest fit for freezing and renewing. */
const CLONE_CHANGES: readonly DebianChange[] = [
  {
    kind: 'text',
    path: 'etc/systemd/journald.conf.d/vmplants.conf',
    mode: 0o644,
    text: '[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nAudit=no\n',
  },
  {
    // It cannot run without a bus, which the base leaves out; a package that brings one brings it to life.
    kind: 'text',
    path: 'etc/systemd/system/systemd-logind.service.d/vmplants.conf',
    mode: 0o644,
    text: '[Unit]\nConditionPathExists=/usr/bin/dbus-daemon\n',
  },
  {
    kind: 'text',
    path: 'etc/systemd/coredump.conf.d/vmplants.conf',
    mode: 0o644,
    text: '[Coredump]\nStorage=none\n',
  },
  {
    kind: 'text',
    path: 'etc/modprobe.d/vmplants.conf',
    mode: 0o644,
    text: UNWANTED_MODULES.map((name) => `blacklist ${name}\n`).join(''),
  },
  { kind: 'copy', path: 'etc/udev/rules.d/60-block.rules', mode: 0o644, source: '60-block.rules' },
  { kind: 'copy', path: 'etc/udev/rules.d/60-cdrom_id.rules', mode: 0o644, source: '60-cdrom_id.rules' },
  { kind: 'copy', path: 'etc/systemd/system/ssh@.service', mode: 0o644, source: 'ssh@.service' },
  {
    kind: 'text',
    path: 'etc/systemd/system/ssh.socket.d/vmplants.conf',
    mode: 0o644,
    text: '[Socket]\nAccept=yes\n',
  },
  {
    kind: 'link',
    path: 'etc/systemd/system/sockets.target.wants/ssh.socket',
    target: '/lib/systemd/system/ssh.socket',
  },
  { kind: 'remove', path: 'etc/systemd/system/multi-user.target.wants/ssh.service' },
  { kind: 'remove', path: 'etc/systemd/system/sshd.service' },
  { kind: 'copy', path: 'etc/systemd/system/vmguestd.service', mode: 0o644, source: 'vmguestd.service' },
  {
    kind: 'link',
    path: 'etc/systemd/system/basic.target.wants/vmguestd.service',
    target: '/etc/systemd/system/vmguestd.service',
  },
  ...MASKED_UNITS.map(
    (unit): DebianChange => ({ kind: 'link', path: `etc/systemd/system/${unit}`, target: '/dev/null' }),
  ),
];

/** What is changed in the tree that the packages made, in order. `hostKeys` are the files of SSH host keys in it. Pure. */
export function debianChanges(withDaemon: boolean, hostKeys: readonly string[]): readonly DebianChange[] {
  return [
    ...COMMON_CHANGES,
    ...hostKeys.map((name): DebianChange => ({ kind: 'remove', path: `etc/ssh/${name}` })),
    ...(withDaemon ? CLONE_CHANGES : []),
  ];
}

/** Directories of kernel modules that a virtual machine of this system has no use for: more than half of them all. */
export const UNUSED_MODULES = [
  'kernel/drivers/infiniband',
  'kernel/drivers/gpu',
  'kernel/drivers/hv',
  'kernel/drivers/media',
  'kernel/drivers/net/ethernet',
  'kernel/drivers/net/wireless',
  'kernel/drivers/nvme',
  'kernel/drivers/target',
  'kernel/drivers/xen',
] as const;
