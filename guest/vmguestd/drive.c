/*
 * Reads the configuration drive without mounting it. A CD-ROM drive is read with SCSI commands through its "bsg"
 * device: opening the block device instead would make the kernel announce the new medium, and under emulation what
 * that sets off (udev, its helpers, systemd) costs more than the configuration itself. It would also lock the tray.
 * Anything else (another block device, an image file) is read as a file.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bsg.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_CAPACITY 0x25
#define READ_10 0x28
#define TYPE_CD_ROM 5
#define COMMAND_TIMEOUT_MS 10000
#define SENSE_NOT_READY 2
#define SENSE_UNIT_ATTENTION 6
#define TRIES 40
#define PAUSE_MS 25

static void pause_ms(long milliseconds)
{
	struct timespec time = { 0, milliseconds * 1000000 };

	nanosleep(&time, NULL);
}

static bool is_cd_rom(const char *address)
{
	char path[96], *type;
	bool is;

	snprintf(path, sizeof path, "/sys/bus/scsi/devices/%.32s/type", address);
	type = read_file(AT_FDCWD, path, 64, NULL);
	is = type != NULL && strtol(type, NULL, 10) == TYPE_CD_ROM;
	free(type);
	return is;
}

/*
 * The drive with the lowest SCSI address (host, channel, target, unit): names like sr0 go by the order of
 * discovery, addresses by how the machine is wired.
 */
static bool find_drive(char device[64])
{
	unsigned best[4] = { ~0u, ~0u, ~0u, ~0u };
	DIR *drives = opendir("/sys/class/bsg");
	struct dirent *entry;

	device[0] = '\0';
	while (drives != NULL && (entry = readdir(drives)) != NULL) {
		unsigned address[4];
		int place = 0;

		if (sscanf(entry->d_name, "%u:%u:%u:%u", &address[0], &address[1], &address[2], &address[3]) != 4 ||
		    strlen(entry->d_name) > 32 || !is_cd_rom(entry->d_name))
			continue;
		while (place < 3 && address[place] == best[place])
			place++;
		if (address[place] >= best[place])
			continue;
		memcpy(best, address, sizeof best);
		snprintf(device, 64, "/dev/bsg/%.32s", entry->d_name);
	}
	if (drives != NULL)
		closedir(drives);
	return device[0] != '\0';
}

/* One SCSI command that reads. 0, or the sense key, or -1 with errno. */
static int command_once(int fd, const uint8_t command[10], void *data, size_t length, size_t *got)
{
	uint8_t sense[32] = { 0 };
	struct sg_io_v4 request = {
		.guard = 'Q',
		.protocol = BSG_PROTOCOL_SCSI,
		.subprotocol = BSG_SUB_PROTOCOL_SCSI_CMD,
		.request_len = 10,
		.request = (uintptr_t)command,
		.max_response_len = sizeof sense,
		.response = (uintptr_t)sense,
		.din_xfer_len = (uint32_t)length,
		.din_xferp = (uintptr_t)data,
		.timeout = COMMAND_TIMEOUT_MS,
	};

	if (ioctl(fd, SG_IO, &request) != 0)
		return -1;
	if (request.device_status == 0 && request.driver_status == 0 && request.transport_status == 0) {
		*got = length - (request.din_resid > 0 ? (size_t)request.din_resid : 0);
		return 0;
	}
	errno = EIO;
	/* Descriptor format (72h, 73h) or fixed format (70h, 71h). */
	return request.response_len < 3 ? -1 : (sense[0] & 0x7e) == 0x72 ? sense[1] & 15 : sense[2] & 15;
}

/* The same, patient with a drive whose medium has just been changed: it answers with that first. */
static bool command_read(int fd, const uint8_t command[10], void *data, size_t length, size_t *got)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int sense = command_once(fd, command, data, length, got);

		if (sense == 0)
			return true;
		if (sense != SENSE_NOT_READY && sense != SENSE_UNIT_ATTENTION)
			return false;
		if (tries > 3)
			pause_ms(PAUSE_MS);
	}
	errno = ENOMEDIUM;
	return false;
}

/* How many sectors the medium has. QEMU's drive refuses to read a new medium before it was asked. */
static bool read_capacity(struct drive *drive)
{
	static const uint8_t command[10] = { READ_CAPACITY };
	uint8_t data[8];
	size_t got;

	if (!command_read(drive->fd, command, data, sizeof data, &got) || got < sizeof data)
		return false;
	drive->sectors = ((uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3]) + 1;
	errno = EMEDIUMTYPE;
	return data[4] == 0 && data[5] == 0 && data[6] == SECTOR >> 8 && data[7] == 0;
}

bool drive_open(struct drive *drive, const char *path, struct reason *why)
{
	char found[64];
	struct stat status;

	drive->fd = -1;
	if (path == NULL && find_drive(found))
		path = found;
	if (path == NULL && machine_is_uml())
		path = UML_DRIVE;
	if (path == NULL)
		return because(why, "this machine has no optical drive");
	drive->fd = open(path, O_RDWR | O_CLOEXEC);
	if (drive->fd < 0)
		drive->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (drive->fd < 0 || fstat(drive->fd, &status) != 0)
		return because_errno(why, "cannot open %s", path);
	drive->scsi = S_ISCHR(status.st_mode);
	drive->window_start = drive->window_length = 0;
	return !drive->scsi || read_capacity(drive) || because_errno(why, "cannot read the medium");
}

void drive_close(struct drive *drive)
{
	if (drive->fd >= 0)
		close(drive->fd);
	drive->fd = -1;
}

/* Fills the window with what begins at this sector. */
static bool fill_window(struct drive *drive, uint32_t sector)
{
	drive->window_start = (uint64_t)sector * SECTOR;
	drive->window_length = 0;
	if (!drive->scsi) {
		ssize_t got = pread(drive->fd, drive->window, sizeof drive->window, (off_t)drive->window_start);
		drive->window_length = got > 0 ? (size_t)got : 0;
		return got >= 0;
	}
	if (sector >= drive->sectors)
		return true;
	uint32_t left = drive->sectors - sector, room = sizeof drive->window / SECTOR, count = left < room ? left : room;
	const uint8_t command[10] = {
		READ_10, 0, (uint8_t)(sector >> 24), (uint8_t)(sector >> 16), (uint8_t)(sector >> 8), (uint8_t)sector,
		0, (uint8_t)(count >> 8), (uint8_t)count, 0,
	};
	return command_read(drive->fd, command, drive->window, (size_t)count * SECTOR, &drive->window_length);
}

bool drive_read(struct drive *drive, uint64_t offset, void *data, size_t length)
{
	uint8_t *next = data;

	while (length > 0) {
		if (offset < drive->window_start || offset >= drive->window_start + drive->window_length) {
			if (offset / SECTOR > UINT32_MAX || !fill_window(drive, (uint32_t)(offset / SECTOR)))
				return false;
			if (offset >= drive->window_start + drive->window_length) {
				errno = EIO;
				return false;
			}
		}
		size_t at = (size_t)(offset - drive->window_start), have = drive->window_length - at;
		size_t take = have < length ? have : length;
		memcpy(next, drive->window + at, take);
		next += take, offset += take, length -= take;
	}
	return true;
}
