/*
 * User-Mode Linux: the machine is a program of the host and has neither virtio nor SCSI. The port is its second serial
 * line, drives are block devices in fixed places: `ubdb` the configuration drive, `ubdc` the client's medium, `ubdp`
 * a medium with kernel modules, because the kernel is the host's and no root file system has modules for it.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULES "/dev/ubdp"

static int by_path(const void *one, const void *other)
{
	const struct iso_file *a = one, *b = other;

	return strcmp(a->path, b->path);
}

/* In the order of their names. A module that does not load is missed by whoever needs it, and by nobody else. */
static void load_modules(void)
{
	static struct drive drive;
	struct iso iso = { 0 };
	struct reason why = { "" };

	drive.fd = -1;
	if (access(MODULES, F_OK) == 0 && drive_open(&drive, MODULES, &why) && iso_open(&iso, &drive, &why)) {
		qsort(iso.files, (size_t)iso.count, sizeof *iso.files, by_path);
		for (int i = 0; i < iso.count; i++) {
			const struct iso_file *file = &iso.files[i];
			char *image = malloc(file->length);

			if (image != NULL && drive_read(&drive, (uint64_t)file->sector * SECTOR, image, file->length))
				syscall(SYS_init_module, image, file->length, "");
			free(image);
		}
	}
	iso_close(&iso);
	drive_close(&drive);
}

void uml_prepare(void)
{
	if (!machine_is_uml())
		return;
	load_modules();
	/* The names that scripts know the two drives by. */
	symlink("ubdb", "/dev/sr0");
	symlink("ubdc", "/dev/sr1");
}
