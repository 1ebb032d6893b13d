/* Small things done to files, and the words of a refusal. */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool because(struct reason *why, const char *format, ...)
{
	va_list arguments;

	if (why->text[0] != '\0')
		return false;
	va_start(arguments, format);
	vsnprintf(why->text, sizeof why->text, format, arguments);
	va_end(arguments);
	return false;
}

bool because_errno(struct reason *why, const char *format, ...)
{
	int error = errno;
	size_t length;
	va_list arguments;

	if (why->text[0] != '\0')
		return false;
	va_start(arguments, format);
	vsnprintf(why->text, sizeof why->text, format, arguments);
	va_end(arguments);
	length = strlen(why->text);
	snprintf(why->text + length, sizeof why->text - length, ": %s", strerror(error));
	return false;
}

char *read_file(int directory, const char *path, size_t limit, size_t *length)
{
	/* What a script may have made of a file, a pipe for example, must not hold up its reader. */
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t room = 0, used = 0;
	char *data = NULL;

	if (fd < 0)
		return NULL;
	for (;;) {
		ssize_t got;

		if (used + 1 >= room) {
			char *more = realloc(data, room = room == 0 ? 4096 : room * 4);
			if (more == NULL)
				break;
			data = more;
		}
		got = read(fd, data + used, room - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got < 0)
				break;
			close(fd);
			data[used] = '\0';
			if (length != NULL)
				*length = used;
			return data;
		}
		used += (size_t)got;
		if (used > limit) {
			errno = EFBIG;
			break;
		}
	}
	int error = errno;
	free(data);
	close(fd);
	errno = error;
	return NULL;
}

bool write_all(int fd, const void *data, size_t length)
{
	const char *next = data;

	while (length > 0) {
		ssize_t wrote = write(fd, next, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		next += wrote, length -= (size_t)wrote;
	}
	return true;
}

/*
 * In place, not by rename: ext4 writes a file out at once when it replaces another, and nothing else touches these
 * files while the machine is renewed.
 */
bool write_file(int directory, const char *path, const void *data, size_t length, mode_t mode)
{
	int fd = openat(directory, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
	bool good;

	if (fd < 0)
		return false;
	good = write_all(fd, data, length) && ftruncate(fd, (off_t)length) == 0 && fchmod(fd, mode) == 0;
	int error = errno;
	close(fd);
	errno = error;
	return good;
}

bool make_directory(const char *path, mode_t mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST;
}

bool make_parents(int directory, const char *path)
{
	char part[PATH_LIMIT + 1];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		if (mkdirat(directory, part, 0700) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

void remove_tree(int directory, const char *path)
{
	struct stat parent, self;
	struct dirent *entry;
	DIR *listing;
	int fd;

	if (unlinkat(directory, path, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	fd = openat(directory, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* What a script mounted in its directory is not ours to empty. */
	bool same = fd >= 0 && fstat(fd, &self) == 0 && fstatat(directory, *path == '/' ? "/run" : ".", &parent, 0) == 0 &&
		    (*path == '/' || self.st_dev == parent.st_dev);
	listing = same ? fdopendir(fd) : NULL;
	if (listing == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(listing)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_tree(fd, entry->d_name);
	closedir(listing);
	unlinkat(directory, path, AT_REMOVEDIR);
}

int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
