/*
 * Who this machine is. A clone wakes up with the memory of its golden image: the same names, keys, addresses and
 * random state as all its siblings. First of all the generator is reseeded, then everything else is replaced, then
 * all of it is read back from where programs will read it.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define HOST_KEY_PATH "/etc/ssh/ssh_host_ed25519_key"

static bool reseed(int stage, const char *path, struct reason *why)
{
	struct {
		struct rand_pool_info info;
		uint32_t seed[SEED_BYTES / 4];
	} pool = { .info = { .entropy_count = SEED_BYTES * 8, .buf_size = SEED_BYTES } };
	size_t length;
	char *seed = read_file(stage, path, SEED_BYTES, &length);
	bool good = false;
	int fd = -1;

	if (seed == NULL || length != SEED_BYTES) {
		because(why, "the seed is not %d bytes", SEED_BYTES);
	} else {
		memcpy(pool.seed, seed, SEED_BYTES);
		fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
		good = (fd >= 0 && ioctl(fd, RNDADDENTROPY, &pool) == 0 && ioctl(fd, RNDRESEEDCRNG) == 0) ||
		       because_errno(why, "cannot reseed the random generator");
	}
	if (fd >= 0)
		close(fd);
	if (seed != NULL)
		explicit_bzero(seed, length);
	explicit_bzero(&pool, sizeof pool);
	free(seed);
	return good;
}

static bool set_clock(int64_t epoch_ms, struct reason *why)
{
	struct timespec now = { epoch_ms / 1000, epoch_ms % 1000 * 1000000 };

	return clock_settime(CLOCK_REALTIME, &now) == 0 || because_errno(why, "cannot set the clock");
}

/* /etc/hosts with its line of 127.0.1.1 replaced or added; every other line is somebody else's. */
static bool set_hosts(const char *hostname, struct reason *why)
{
	size_t length = 0, used = 0;
	char *old = read_file(AT_FDCWD, "/etc/hosts", 1024 * 1024, &length);
	char *text = malloc(length + 256);
	bool good;

	if (text == NULL)
		return because(why, "out of memory");
	for (char *line = old; line != NULL && *line != '\0';) {
		size_t span = strcspn(line, "\n");
		bool ours = strncmp(line, "127.0.1.1", 9) == 0 && (line[9] == ' ' || line[9] == '\t');
		if (!ours) {
			memcpy(text + used, line, span);
			used += span;
			text[used++] = '\n';
		}
		line += span + (line[span] == '\n');
	}
	if (used == 0)
		used = (size_t)sprintf(text, "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
	used += (size_t)sprintf(text + used, "127.0.1.1 %s\n", hostname);
	good = write_file(AT_FDCWD, "/etc/hosts", text, used, 0644) || because_errno(why, "cannot write /etc/hosts");
	free(old);
	free(text);
	return good;
}

static bool set_hostname(const char *hostname, struct reason *why)
{
	char line[66];
	int length = snprintf(line, sizeof line, "%s\n", hostname);

	return (sethostname(hostname, strlen(hostname)) == 0 || because_errno(why, "cannot set the hostname")) &&
	       (write_file(AT_FDCWD, "/etc/hostname", line, (size_t)length, 0644) ||
		because_errno(why, "cannot write /etc/hostname")) &&
	       set_hosts(hostname, why);
}

static bool set_machine_id(const char *machine_id, struct reason *why)
{
	char line[34];
	struct stat status;

	snprintf(line, sizeof line, "%s\n", machine_id);
	if (!write_file(AT_FDCWD, "/etc/machine-id", line, 33, 0444))
		return because_errno(why, "cannot write /etc/machine-id");
	if (lstat("/var/lib/dbus/machine-id", &status) != 0 || !S_ISREG(status.st_mode))
		return true;
	return write_file(AT_FDCWD, "/var/lib/dbus/machine-id", line, 33, 0444) ||
	       because_errno(why, "cannot write /var/lib/dbus/machine-id");
}

/* First line of a file, into `text`; false when there is none. */
static bool first_line(const char *path, char *text, size_t room)
{
	size_t length;
	char *data = read_file(AT_FDCWD, path, 4096, &length);

	if (data == NULL)
		return false;
	data[strcspn(data, "\n")] = '\0';
	length = strlen(data);
	if (length < room)
		memcpy(text, data, length + 1);
	free(data);
	return length < room;
}

/*
 * The kernel has no way to set it, so a file of ours is bound over it, as container managers do. After the first
 * time the bind is there already and only the file is rewritten.
 */
static bool set_boot_id(const char *boot_id, const char *run, struct reason *why)
{
	char path[256], line[38], now[37];

	snprintf(path, sizeof path, "%s/boot_id", run);
	snprintf(line, sizeof line, "%s\n", boot_id);
	if (!write_file(AT_FDCWD, path, line, 37, 0444))
		return because_errno(why, "cannot write %s", path);
	if (first_line(BOOT_ID_PATH, now, sizeof now) && strcmp(now, boot_id) == 0)
		return true;
	umount2(BOOT_ID_PATH, MNT_DETACH);
	return mount(path, BOOT_ID_PATH, NULL, MS_BIND, NULL) == 0 || because_errno(why, "cannot replace the boot id");
}

/* Ethernet interfaces of hardware, by index. Returns how many, at most MANIFEST_MACS_LIMIT. */
static int list_interfaces(int sock, struct ifreq found[MANIFEST_MACS_LIMIT])
{
	struct if_nameindex *all = if_nameindex();
	int count = 0;

	for (struct if_nameindex *at = all; at != NULL && at->if_index != 0 && count < MANIFEST_MACS_LIMIT; at++) {
		struct ifreq request = { 0 };
		char device[64];
		unsigned index = at->if_index;
		int place = count;

		snprintf(device, sizeof device, "/sys/class/net/%s/device", at->if_name);
		if (strlen(at->if_name) >= sizeof request.ifr_name || access(device, F_OK) != 0)
			continue;
		strcpy(request.ifr_name, at->if_name);
		if (ioctl(sock, SIOCGIFHWADDR, &request) != 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
			continue;
		for (; place > 0 && if_nametoindex(found[place - 1].ifr_name) > index; place--)
			found[place] = found[place - 1];
		found[place] = request;
		count++;
	}
	if (all != NULL)
		if_freenameindex(all);
	return count;
}

static void mac_text(const struct ifreq *interface, char text[18])
{
	const uint8_t *b = (const uint8_t *)interface->ifr_hwaddr.sa_data;

	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* Down and up again, so that link-local addresses made from the old address go with it. */
static bool set_mac(int sock, struct ifreq *interface, const char *mac, struct reason *why)
{
	struct ifreq flags = { 0 }, address = *interface;
	unsigned b[6];
	bool good;

	strcpy(flags.ifr_name, interface->ifr_name);
	sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]);
	for (int i = 0; i < 6; i++)
		address.ifr_hwaddr.sa_data[i] = (char)b[i];
	good = ioctl(sock, SIOCGIFFLAGS, &flags) == 0;
	if (good && flags.ifr_flags & IFF_UP) {
		flags.ifr_flags &= ~IFF_UP;
		good = ioctl(sock, SIOCSIFFLAGS, &flags) == 0;
	}
	good = good && ioctl(sock, SIOCSIFHWADDR, &address) == 0;
	flags.ifr_flags |= IFF_UP;
	good = good && ioctl(sock, SIOCSIFFLAGS, &flags) == 0;
	return good || because_errno(why, "cannot set the address of %s", interface->ifr_name);
}

static bool set_macs(const struct manifest *manifest, char first[18], struct reason *why)
{
	struct ifreq interfaces[MANIFEST_MACS_LIMIT];
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), count;
	bool good = true;
	char now[18];

	strcpy(first, "-");
	if (sock < 0)
		return because_errno(why, "cannot look at the network interfaces");
	count = list_interfaces(sock, interfaces);
	if (count < manifest->mac_count)
		good = because(why, "%d addresses for %d network interfaces", manifest->mac_count, count);
	for (int i = 0; good && i < manifest->mac_count; i++) {
		good = set_mac(sock, &interfaces[i], manifest->macs[i], why) &&
		       (ioctl(sock, SIOCGIFHWADDR, &interfaces[i]) == 0 || because_errno(why, "cannot read an address"));
		mac_text(&interfaces[i], now);
		if (good && strcmp(now, manifest->macs[i]) != 0)
			good = because(why, "%s has the address %s, not %s", interfaces[i].ifr_name, now, manifest->macs[i]);
	}
	if (good && count > 0)
		mac_text(&interfaces[0], first);
	close(sock);
	return good;
}

/* SHA-256 of the public key's bytes, as in OpenSSH's fingerprint, but in hexadecimal. */
static bool key_digest(const char *path, char hex[65])
{
	char line[1024];
	uint8_t blob[768];
	struct sha256 hash;
	char *key, *end;
	ssize_t length;

	if (!first_line(path, line, sizeof line) || (key = strchr(line, ' ')) == NULL)
		return false;
	key++;
	end = key + strcspn(key, " \r");
	length = base64_decode(key, (size_t)(end - key), blob);
	if (length <= 0)
		return false;
	sha256_begin(&hash);
	sha256_add(&hash, blob, (size_t)length);
	sha256_end_hex(&hash, hex);
	return true;
}

static bool install(int stage, const char *from, const char *to, mode_t mode, struct reason *why)
{
	size_t length = 0, after = 0;
	char *data = read_file(stage, from, 64 * 1024, &length), *back = NULL;
	bool good = data != NULL && write_file(AT_FDCWD, to, data, length, mode) &&
		    (back = read_file(AT_FDCWD, to, 64 * 1024, &after)) != NULL;

	if (!good)
		because_errno(why, "cannot install %s", to);
	else if (after != length || memcmp(data, back, length) != 0)
		good = because(why, "%s does not hold what was written to it", to);
	if (data != NULL)
		explicit_bzero(data, length);
	if (back != NULL)
		explicit_bzero(back, after);
	free(data);
	free(back);
	return good;
}

static bool set_host_key(const struct manifest *manifest, int stage, char digest[65], struct reason *why)
{
	char public_path[PATH_LIMIT + 5];
	struct dirent *entry;
	struct stat status;
	DIR *listing;

	strcpy(digest, "-");
	if (stat("/etc/ssh", &status) != 0 || !S_ISDIR(status.st_mode))
		return true;
	if (manifest->ssh_host_key == NULL)
		return because(why, "this guest serves SSH and the manifest brings no host key");
	snprintf(public_path, sizeof public_path, "%s.pub", manifest->ssh_host_key);
	listing = opendir("/etc/ssh");
	while (listing != NULL && (entry = readdir(listing)) != NULL) {
		bool ours = strcmp(entry->d_name, "ssh_host_ed25519_key") == 0 ||
			    strcmp(entry->d_name, "ssh_host_ed25519_key.pub") == 0;
		if (strncmp(entry->d_name, "ssh_host_", 9) == 0 && !ours && unlinkat(dirfd(listing), entry->d_name, 0) != 0) {
			because_errno(why, "cannot remove /etc/ssh/%s", entry->d_name);
			closedir(listing);
			return false;
		}
	}
	if (listing != NULL)
		closedir(listing);
	return install(stage, manifest->ssh_host_key, HOST_KEY_PATH, 0600, why) &&
	       install(stage, public_path, HOST_KEY_PATH ".pub", 0644, why) &&
	       (key_digest(HOST_KEY_PATH ".pub", digest) || because(why, "the SSH host key cannot be read back"));
}

/* What programs see from now on, compared with what they should. */
static bool read_back(const struct manifest *manifest, struct identity *now, struct reason *why)
{
	uint8_t random[16];
	char file[66];

	if (gethostname(now->hostname, sizeof now->hostname) != 0 || strcmp(now->hostname, manifest->hostname) != 0 ||
	    !first_line("/etc/hostname", file, sizeof file) || strcmp(file, manifest->hostname) != 0)
		return because(why, "the hostname did not change to %s", manifest->hostname);
	if (!first_line("/etc/machine-id", now->machine_id, sizeof now->machine_id) ||
	    strcmp(now->machine_id, manifest->machine_id) != 0)
		return because(why, "the machine id did not change");
	if (!first_line(BOOT_ID_PATH, now->boot_id, sizeof now->boot_id) || strcmp(now->boot_id, manifest->boot_id) != 0)
		return because(why, "the boot id did not change");
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return because_errno(why, "no random bytes");
	hex_encode(random, sizeof random, now->random);
	return true;
}

/* No script of this machine has any business with them. */
static void forget(const struct manifest *manifest, int stage)
{
	char public_path[PATH_LIMIT + 5];

	unlinkat(stage, manifest->seed, 0);
	if (manifest->ssh_host_key == NULL)
		return;
	snprintf(public_path, sizeof public_path, "%s.pub", manifest->ssh_host_key);
	unlinkat(stage, manifest->ssh_host_key, 0);
	unlinkat(stage, public_path, 0);
}

bool identity_renew(const struct manifest *manifest, int stage, const char *run, int64_t epoch_ms,
		    struct identity *now, struct reason *why)
{
	bool good = reseed(stage, manifest->seed, why) && set_clock(epoch_ms, why) &&
		    set_hostname(manifest->hostname, why) && set_machine_id(manifest->machine_id, why) &&
		    set_boot_id(manifest->boot_id, run, why) && set_macs(manifest, now->mac, why) &&
		    set_host_key(manifest, stage, now->host_key, why) && read_back(manifest, now, why);

	forget(manifest, stage);
	return good;
}
