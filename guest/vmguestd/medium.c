/* From the drive into memory: find, authenticate, copy, verify. */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (128 * 1024)

/* The manifest's text when its digest is right, else NULL with the reason. */
static char *authentic_manifest(struct drive *drive, struct iso *iso, const char *digest, size_t *length, struct reason *why)
{
	const struct iso_file *file = iso_find(iso, "manifest");
	struct sha256 hash;
	char hex[65], *text;

	if (file == NULL || file->length > MANIFEST_LIMIT) {
		because(why, file == NULL ? "no manifest on the medium" : "the manifest is too large");
		return NULL;
	}
	text = malloc(file->length + 1);
	if (text == NULL || !drive_read(drive, (uint64_t)file->sector * SECTOR, text, file->length)) {
		because_errno(why, "cannot read the manifest");
		free(text);
		return NULL;
	}
	text[*length = file->length] = '\0';
	sha256_begin(&hash);
	sha256_add(&hash, text, *length);
	sha256_end_hex(&hash, hex);
	if (strcmp(hex, digest) == 0)
		return text;
	free(text);
	because(why, "the medium's manifest is not the announced one (its SHA-256 is %s)", hex);
	return NULL;
}

static bool copy_file(struct drive *drive, struct iso *iso, const struct manifest_file *listed, int stage, uint64_t *total,
		      struct reason *why)
{
	static uint8_t buffer[CHUNK];
	const struct iso_file *file = iso_find(iso, listed->path);
	struct sha256 hash;
	char hex[65];
	int to;

	if (file == NULL)
		return because(why, "%s is not on the medium as a regular file", listed->path);
	if ((*total += file->length) > MEDIUM_LIMIT)
		return because(why, "the medium holds more than %llu MiB", (unsigned long long)(MEDIUM_LIMIT >> 20));
	if (!make_parents(stage, listed->path) ||
	    (to = openat(stage, listed->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, file->mode | 0600)) < 0)
		return because_errno(why, "cannot copy %s", listed->path);
	sha256_begin(&hash);
	for (size_t done = 0, take; done < file->length; done += take) {
		take = file->length - done < CHUNK ? file->length - done : CHUNK;
		if (!drive_read(drive, (uint64_t)file->sector * SECTOR + done, buffer, take)) {
			because_errno(why, "cannot read %s on the medium", listed->path);
			break;
		}
		sha256_add(&hash, buffer, take);
		if (!write_all(to, buffer, take)) {
			because_errno(why, "cannot copy %s", listed->path);
			break;
		}
	}
	close(to);
	sha256_end_hex(&hash, hex);
	return strcmp(hex, listed->digest) == 0 || because(why, "%s differs from its digest in the manifest", listed->path);
}

static bool take_from(struct drive *drive, struct iso *iso, const char *digest, const char *nonce, int stage,
		      struct manifest *manifest, struct reason *why)
{
	uint64_t total = 0;
	size_t length;
	char *text = authentic_manifest(drive, iso, digest, &length, why);

	if (text == NULL || !manifest_parse(manifest, text, length, why))
		return false;
	if (strcmp(manifest->nonce, nonce) != 0)
		return because(why, "the manifest is for another doorbell: its nonce is %s", manifest->nonce);
	for (int i = 0; i < manifest->file_count; i++)
		if (!copy_file(drive, iso, &manifest->files[i], stage, &total, why))
			return false;
	return true;
}

bool medium_take(const char *path, const char *digest, const char *nonce, int stage, struct manifest *manifest,
		 struct reason *why)
{
	static struct drive drive;
	struct iso iso = { 0 };
	bool good = drive_open(&drive, path, why) && iso_open(&iso, &drive, why) &&
		    take_from(&drive, &iso, digest, nonce, stage, manifest, why);

	iso_close(&iso);
	drive_close(&drive);
	/* The window may hold a secret. */
	explicit_bzero(drive.window, sizeof drive.window);
	return good;
}
