/**
 * What a VM leaves behind of who it was, removed and looked for again in a copy of it whose identity has been renewed
 * already. For any POSIX `sh`: it runs in Debian and in the busybox of `micro`. It says what it confirmed in attributes
 * (SCRUBBED_1 and so on, in this order) and ends with status 1, and `remains: WHAT` on its output, at the first thing
 * that is still there.
 *
 * Data comes in its environment: OLD_HOSTNAME, and OLD_MACHINE_ID, which may be empty where it is not known. It runs
 * after the client's script, because the last thing that it does is to overwrite the free space of the disk: what was
 * deleted before would otherwise still be in the image's file.
 *
 * No braces in variables and no backticks: it stands in a template of this language.
 */
export const SCRUB_SCRIPT = String.raw`set -u
work=$PWD
mark="$work/mark"
: > "$mark"
read -r new < /proc/sys/kernel/hostname
read -r id < /etc/machine-id
count=0
confirm() {
  count=$((count + 1))
  echo "SCRUBBED_$count=$1" >> "$VMPLANTS_ATTRIBUTES"
}
remains() {
  echo "remains: $1"
  exit 1
}
remove() {
  for path in "$@"; do
    # Asked first: every program that is started costs, under emulation most of all.
    if [ -e "$path" ] || [ -L "$path" ]; then rm -rf "$path"; fi
    if [ -e "$path" ] || [ -L "$path" ]; then remains "$path"; fi
  done
}
empty() {
  for path in "$@"; do
    [ -f "$path" ] || continue
    : > "$path"
    if [ -s "$path" ]; then remains "$path"; fi
  done
}

# The renewed key is the one of this machine now; it has been read back.
for key in /etc/ssh/ssh_host_* /etc/dropbear/*_host_key; do
  case $key in
    /etc/ssh/ssh_host_ed25519_key | /etc/ssh/ssh_host_ed25519_key.pub) ;;
    *) remove "$key" ;;
  esac
done
confirm ssh-host-keys

remove /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/urandom/random-seed \
  /var/lib/random-seed /var/lib/seedrng /etc/random-seed
confirm random-seeds

remove /var/lib/dhcp/* /var/lib/dhclient/* /var/lib/dhcpcd/* /var/lib/dhcpcd5/* /etc/dhcpcd.duid \
  /etc/dhcpcd.secret /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/secret_key /run/systemd/netif/leases/*
confirm dhcp-leases

remove /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem /run/cloud-init
confirm cloud-init

while IFS=: read -r name password uid gid gecos home shell; do
  case $home in /?*) [ -d "$home" ] || continue ;; *) continue ;; esac
  remove "$home"/.*_history "$home"/.*-history "$home/.history" "$home/.lesshst" "$home/.viminfo"
done < /etc/passwd
confirm shell-histories

empty /var/log/wtmp* /var/log/btmp* /var/log/lastlog /var/log/faillog /run/utmp
confirm login-records

# Its daemon writes on under the old machine id until it is started again.
if [ -d /run/systemd/system ]; then
  systemctl restart systemd-journald.service || remains journal
fi
for journal in /var/log/journal/* /run/log/journal/*; do
  case $journal in */"$id") ;; *) remove "$journal" ;; esac
done
confirm journal

if [ -f /run/rsyslogd.pid ]; then kill -HUP "$(cat /run/rsyslogd.pid)"; fi
logs_of_old_name() {
  if [ "$new" != "$OLD_HOSTNAME" ]; then grep -rlwF -e "$OLD_HOSTNAME" /var/log 2> /dev/null; fi
  if [ -n "$OLD_MACHINE_ID" ]; then grep -rlF -e "$OLD_MACHINE_ID" /var/log 2> /dev/null; fi
}
logs_of_old_name | while IFS= read -r file; do
  case $file in /var/log/journal/*) ;; *) : > "$file" ;; esac
done
found="$(logs_of_old_name | head -n 1)"
if [ -n "$found" ]; then remains "$found"; fi
confirm logs

# A regular file, where the system does not link it.
if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
  read -r other < /var/lib/dbus/machine-id
  [ "$other" = "$id" ] || remains /var/lib/dbus/machine-id
fi
if [ -n "$OLD_MACHINE_ID" ]; then
  [ "$id" != "$OLD_MACHINE_ID" ] || remains /etc/machine-id
  found="$(grep -rlF -e "$OLD_MACHINE_ID" /etc /var/lib/dbus /var/lib/systemd 2> /dev/null | head -n 1)"
  if [ -n "$found" ]; then remains "$found"; fi
fi
confirm machine-id

if [ "$new" != "$OLD_HOSTNAME" ]; then
  set -f
  while IFS= read -r line || [ -n "$line" ]; do
    kept= names=0 found=
    for word in $line; do
      case $word in
        "$OLD_HOSTNAME" | "$OLD_HOSTNAME".*) found=1 ;;
        *) kept="$kept$word " names=$((names + 1)) ;;
      esac
    done
    if [ -z "$found" ]; then
      printf '%s\n' "$line"
    elif [ "$names" -gt 1 ]; then
      printf '%s\n' "$kept"
    fi
  done < /etc/hosts > "$work/hosts"
  set +f
  cat "$work/hosts" > /etc/hosts
  if [ -f /etc/mailname ]; then echo "$new" > /etc/mailname; fi
  for file in /etc/hostname /etc/hosts /etc/mailname; do
    if [ -f "$file" ] && grep -qwF -e "$OLD_HOSTNAME" "$file"; then remains "$file"; fi
  done
fi
confirm host-name

# What programs make meanwhile is not of the old machine. Sockets hold nothing; a service's own directory has to stay.
find /tmp /var/tmp -xdev -mindepth 1 -depth ! -type d ! -type s ! -newer "$mark" -exec rm -f {} + 2> /dev/null
find /tmp /var/tmp -xdev -mindepth 1 -depth -type d ! -path '*/systemd-private-*' -exec rmdir {} + 2> /dev/null
found="$(find /tmp /var/tmp -xdev -type f ! -newer "$mark" 2> /dev/null | head -n 1)"
if [ -n "$found" ]; then remains "$found"; fi
confirm temporary-files

# The disk is full for a moment: no program is to notice. Those that stand still already are left so.
held=
cd /proc
for pid in [0-9]*; do
  if [ "$pid" -eq 1 ] || [ "$pid" -eq $$ ] || [ "$pid" -eq "$PPID" ]; then continue; fi
  arguments= state=
  { IFS= read -r arguments < "$pid/cmdline"; } 2> /dev/null
  [ -n "$arguments" ] || continue
  while read -r field value rest; do
    if [ "$field" = State: ]; then state=$value && break; fi
  done 2> /dev/null < "$pid/status"
  case $state in T | t | Z | "") continue ;; esac
  if kill -STOP "$pid" 2> /dev/null; then held="$held $pid"; fi
done
cd /
# Blocks that the file system keeps back for itself would not be overwritten.
for reserve in /sys/fs/ext4/*/reserved_clusters; do
  if [ -f "$reserve" ]; then echo 0 > "$reserve"; fi
done
fill=/.vmplants-free-space
# Nothing would be overwritten if these could not be made: there may be no room for another file, or another thing there.
remove "$fill" "$fill.rest"
touch "$fill.rest" 2> /dev/null || remains free-space
zeros() {
  dd if=/dev/zero of="$fill" bs=4096 seek="$1" count="$2" conv=notrunc 2> /dev/null || remains free-space
}
# Where the disk can be told what is free, whole clusters of its file are rid of it at once. What is left is less than
# a cluster (16 blocks), at the ends of every stretch of free blocks: taken without writing, they show where it is.
if fstrim / 2> /dev/null && [ "$(stat -f -c %S /)" = 4096 ] &&
  command -v filefrag > /dev/null && command -v fallocate > /dev/null; then
  df -Pk / | tail -n 1 > "$work/space"
  read -r device total used rest < "$work/space"
  # It may end for lack of the last blocks.
  fallocate -l "$((total - used))KiB" "$fill" 2> /dev/null
  filefrag -v "$fill" 2> /dev/null | tr ':.' '  ' > "$work/stretches"
  while read -r number from last physical end length rest; do
    case $number in "" | *[!0-9]*) continue ;; esac
    if [ "$length" -le 32 ]; then
      zeros "$from" "$length"
    else
      zeros "$from" 16
      zeros "$((last - 15))" 16
    fi
  done < "$work/stretches"
fi
# Elsewhere all of it is written.
dd if=/dev/zero of="$fill.rest" bs=65536 2> /dev/null
sync
rm -f "$fill" "$fill.rest"
sync
# The file system's journal, with the names of files in it (EXT4_IOC_CHECKPOINT with ZEROOUT): nothing else says it.
if command -v perl > /dev/null; then
  perl -e 'open(F, "<", "/etc/passwd") && ioctl(F, 0x4004662b, pack("L", 2))'
fi
# Gives the room back to the host.
fstrim / 2> /dev/null
for pid in $held; do kill -CONT "$pid" 2> /dev/null; done
confirm free-space
exit 0
`;
