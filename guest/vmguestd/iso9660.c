/*
 * Finds the files of an ISO 9660 image (ECMA-119) with Rock Ridge names (IEEE P1282), or plain ones in lower case.
 * Nothing on the medium is believed: every length is checked against what holds it. Links, devices and what is split
 * into several extents are left out, and then missing.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DESCRIPTOR_SECTOR 16
#define DIRECTORY_LIMIT (1024 * 1024)
#define DEPTH_LIMIT 32
#define ENTRIES_LIMIT (MANIFEST_FILES_LIMIT * 2)
#define CONTINUATIONS_LIMIT 4
#define FLAG_DIRECTORY 2
#define FLAG_MULTI_EXTENT 128

static uint32_t le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What one directory record says. */
struct record {
	uint32_t sector, length, mode;
	uint8_t flags;
	bool is_special;      /* `.` or `..` */
	char name[256];
	size_t name_length;
};

/* The system use fields: NM gives the name, PX the mode, CE goes on elsewhere. */
static void read_system_use(struct drive *drive, const uint8_t *fields, size_t length, struct record *record)
{
	uint8_t area[SECTOR];
	size_t used = 0;

	for (int left = CONTINUATIONS_LIMIT; left >= 0; left--) {
		uint32_t sector = 0, offset = 0, more = 0;

		for (size_t at = 0; at + 4 <= length && fields[at + 2] >= 4 && at + fields[at + 2] <= length; at += fields[at + 2]) {
			const uint8_t *field = fields + at;
			size_t size = field[2];

			if (memcmp(field, "NM", 2) == 0 && size > 5 && used + size - 5 < sizeof record->name) {
				memcpy(record->name + used, field + 5, size - 5);
				record->name_length = used += size - 5;
			} else if (memcmp(field, "PX", 2) == 0 && size >= 8) {
				record->mode = le32(field + 4);
			} else if (memcmp(field, "CE", 2) == 0 && size >= 28) {
				sector = le32(field + 4), offset = le32(field + 12), more = le32(field + 20);
			} else if (memcmp(field, "ST", 2) == 0) {
				break;
			}
		}
		if (more == 0 || offset > SECTOR || more > SECTOR - offset ||
		    !drive_read(drive, (uint64_t)sector * SECTOR + offset, area, more))
			return;
		fields = area;
		length = more;
	}
}

static bool read_record(struct drive *drive, const uint8_t *bytes, size_t length, struct record *record)
{
	size_t identifier = length >= 34 ? bytes[32] : 0, after = 33 + identifier + (identifier % 2 == 0);

	if (length < 34 || identifier == 0 || 33 + identifier > length)
		return false;
	*record = (struct record){
		.sector = le32(bytes + 2) + bytes[1],
		.length = le32(bytes + 10),
		.flags = bytes[25],
		.is_special = identifier == 1 && bytes[33] < 2,
	};
	record->mode = record->flags & FLAG_DIRECTORY ? S_IFDIR | 0555 : S_IFREG | 0444;
	if (after < length)
		read_system_use(drive, bytes + after, length - after, record);
	if (record->name_length == 0) {
		for (size_t i = 0; i < identifier && bytes[33 + i] != ';'; i++)
			record->name[record->name_length++] = (char)tolower(bytes[33 + i]);
		if (record->name_length > 0 && record->name[record->name_length - 1] == '.')
			record->name_length--;
	}
	return true;
}

static bool remember(struct iso *iso, const char *path, const struct record *record)
{
	if (iso->count % 64 == 0) {
		void *grown = iso->count == ENTRIES_LIMIT
				      ? NULL
				      : realloc(iso->files, (size_t)(iso->count + 64) * sizeof *iso->files);
		if (grown == NULL)
			return false;
		iso->files = grown;
	}
	char *copy = strdup(path);
	if (copy == NULL)
		return false;
	iso->files[iso->count++] = (struct iso_file){ copy, record->sector, record->length, record->mode & 0777 };
	return true;
}

static bool walk(struct iso *iso, struct drive *drive, uint32_t sector, uint32_t length, char *path, size_t used, int depth)
{
	uint8_t *data = NULL;
	bool good = length <= DIRECTORY_LIMIT && depth < DEPTH_LIMIT && iso->directories++ < ENTRIES_LIMIT &&
		    (data = malloc(length + 1)) != NULL && drive_read(drive, (uint64_t)sector * SECTOR, data, length);

	for (size_t at = 0; good && at < length;) {
		struct record record;
		size_t size = data[at];

		/* No record crosses the end of a sector: a zero fills it up. */
		if (size == 0) {
			at = (at / SECTOR + 1) * SECTOR;
			continue;
		}
		if (at + size > length || !read_record(drive, data + at, size, &record)) {
			good = false;
			break;
		}
		at += size;
		if (record.is_special || record.flags & FLAG_MULTI_EXTENT || used + record.name_length + 1 > PATH_LIMIT ||
		    memchr(record.name, '\0', record.name_length) != NULL)
			continue;
		memcpy(path + used, record.name, record.name_length);
		path[used + record.name_length] = '\0';
		if (record.flags & FLAG_DIRECTORY) {
			path[used + record.name_length] = '/';
			good = walk(iso, drive, record.sector, record.length, path, used + record.name_length + 1, depth + 1);
		} else if (S_ISREG(record.mode)) {
			good = remember(iso, path, &record);
		}
	}
	free(data);
	return good;
}

bool iso_open(struct iso *iso, struct drive *drive, struct reason *why)
{
	uint8_t descriptor[SECTOR];
	char path[PATH_LIMIT + 2];

	*iso = (struct iso){ 0 };
	if (!drive_read(drive, (uint64_t)DESCRIPTOR_SECTOR * SECTOR, descriptor, sizeof descriptor))
		return because_errno(why, "cannot read the medium");
	if (descriptor[0] != 1 || memcmp(descriptor + 1, "CD001", 5) != 0 || descriptor[128] != 0 || descriptor[129] != SECTOR >> 8)
		return because(why, "the medium is not an ISO 9660 volume");
	if (walk(iso, drive, le32(descriptor + 156 + 2), le32(descriptor + 156 + 10), path, 0, 0))
		return true;
	return because(why, "the directories of the medium are damaged or too large");
}

const struct iso_file *iso_find(struct iso *iso, const char *path)
{
	for (int i = 0; i < iso->count; i++) {
		/* Manifests list files in the order of the medium, mostly: begin where the last search ended. */
		const struct iso_file *file = &iso->files[(iso->last_found + i) % iso->count];
		if (strcmp(file->path, path) == 0) {
			iso->last_found = (iso->last_found + i + 1) % iso->count;
			return file;
		}
	}
	return NULL;
}

void iso_close(struct iso *iso)
{
	for (int i = 0; i < iso->count; i++)
		free(iso->files[i].path);
	free(iso->files);
	*iso = (struct iso){ 0 };
}
