/*
 * The line to the host. A virtio port stays open whether a host is connected or not; a terminal or socket has to be
 * opened anew after its end. Either way the end is not the end: a clone is resumed before, or after, its host side.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* What waits for an absent host: enough for every message of an ISO and the output of a few actions. */
#define QUEUE_LIMIT (1024 * 1024)
#define RETRY_MS 100
#define VIRTIO_PORT_NAME "org.vmplants.guest"

struct port {
	const char *path;
	int epoll;
	int fd;
	bool lasting;         /* a virtio port: it outlives its host side */
	bool connected;
	bool overlong;        /* inside a line that is dropped */
	char input[LINE_LIMIT + 1];
	size_t input_used;
	size_t line_taken;    /* bytes at the front of input that the last line took */
	char *queue;
	size_t queue_start, queue_end, queue_room;
	bool line_begun;      /* a part of the queue's first line was written */
};

static int connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		return fd;
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close(fd);
	return -1;
}

static void make_raw(int fd)
{
	struct termios settings;

	if (tcgetattr(fd, &settings) != 0)
		return;
	cfmakeraw(&settings);
	settings.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &settings);
}

/* The device of the virtio port of that name, by what the kernel says: guests without udev have no links to it. */
static bool find_virtio_port(const char *wanted, char device[64])
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	bool found = false;

	while (ports != NULL && !found && (entry = readdir(ports)) != NULL) {
		char path[96], *name;

		if (entry->d_name[0] == '.' || strlen(entry->d_name) > 32)
			continue;
		snprintf(path, sizeof path, "/sys/class/virtio-ports/%.32s/name", entry->d_name);
		name = read_file(AT_FDCWD, path, 256, NULL);
		if (name == NULL)
			continue;
		name[strcspn(name, "\n")] = '\0';
		found = strcmp(name, wanted) == 0;
		snprintf(device, 64, "/dev/%.32s", entry->d_name);
		free(name);
	}
	if (ports != NULL)
		closedir(ports);
	return found;
}

static void reopen(struct port *port)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = port };
	struct stat status;
	char device[64];
	const char *path = port->path;

	if (path == NULL && find_virtio_port(VIRTIO_PORT_NAME, device))
		path = device;
	if (path == NULL && machine_is_uml())
		path = UML_PORT;
	if (path == NULL)
		return;
	if (stat(path, &status) != 0)
		return;
	port->fd = S_ISSOCK(status.st_mode) ? connect_socket(path) : open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (port->fd < 0)
		return;
	port->lasting = S_ISCHR(status.st_mode) && !isatty(port->fd);
	make_raw(port->fd);
	/* Edges, not levels: a virtio port without a host reports "hung up" for as long as it lasts. */
	epoll_ctl(port->epoll, EPOLL_CTL_ADD, port->fd, &event);
}

/* The host side went away: what it got half of is of no use to the next one. */
static void disconnected(struct port *port)
{
	port->connected = false;
	port->input_used = port->line_taken = 0;
	port->overlong = false;
	if (port->line_begun && port->queue_end > port->queue_start) {
		char *end = memchr(port->queue + port->queue_start, '\n', port->queue_end - port->queue_start);
		port->queue_start = end == NULL ? port->queue_end : (size_t)(end + 1 - port->queue);
	}
	port->line_begun = false;
	if (!port->lasting && port->fd >= 0) {
		close(port->fd);
		port->fd = -1;
	}
}

static void flush(struct port *port)
{
	while (port->connected && port->queue_start < port->queue_end) {
		ssize_t wrote = write(port->fd, port->queue + port->queue_start, port->queue_end - port->queue_start);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0 && errno == EAGAIN)
			return;
		if (wrote < 0) {
			disconnected(port);
			return;
		}
		port->queue_start += (size_t)wrote;
		port->line_begun = port->queue[port->queue_start - 1] != '\n';
	}
	if (port->queue_start == port->queue_end)
		port->queue_start = port->queue_end = 0;
}

static void fill(struct port *port)
{
	while (port->connected && port->input_used < LINE_LIMIT) {
		ssize_t got = read(port->fd, port->input + port->input_used, LINE_LIMIT - port->input_used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			disconnected(port);
			return;
		}
		port->input_used += (size_t)got;
	}
}

struct port *port_open(const char *path, int epoll)
{
	struct port *port = calloc(1, sizeof *port);

	if (port == NULL)
		exit(1);
	port->path = path;
	port->epoll = epoll;
	port->fd = -1;
	return port;
}

bool port_service(struct port *port)
{
	bool was = port->connected;
	struct pollfd state;

	if (port->fd < 0)
		reopen(port);
	if (port->fd < 0)
		return false;
	state = (struct pollfd){ .fd = port->fd, .events = POLLIN | POLLOUT };
	poll(&state, 1, 0);
	if (!(state.revents & (POLLHUP | POLLERR | POLLNVAL)))
		port->connected = true;
	else if (!(state.revents & POLLIN))
		disconnected(port);
	fill(port);
	flush(port);
	return port->connected && !was;
}

char *port_line(struct port *port)
{
	for (;;) {
		char *end;

		memmove(port->input, port->input + port->line_taken, port->input_used -= port->line_taken);
		port->line_taken = 0;
		fill(port);
		end = memchr(port->input, '\n', port->input_used);
		if (end == NULL && port->input_used < LINE_LIMIT)
			return NULL;
		if (end == NULL) {
			port->overlong = true;
			port->input_used = 0;
			continue;
		}
		port->line_taken = (size_t)(end + 1 - port->input);
		*end = '\0';
		if (port->overlong || end == port->input || strlen(port->input) != (size_t)(end - port->input)) {
			port->overlong = false;
			continue;
		}
		return port->input;
	}
}

void port_say(struct port *port, const char *format, ...)
{
	va_list arguments;
	int length;

	if (port->queue_start > 0 && port->queue_end + LINE_LIMIT + 1 > port->queue_room) {
		memmove(port->queue, port->queue + port->queue_start, port->queue_end - port->queue_start);
		port->queue_end -= port->queue_start, port->queue_start = 0;
	}
	if (port->queue_end + LINE_LIMIT + 1 > port->queue_room) {
		size_t room = port->queue_room + 4 * LINE_LIMIT;
		char *more = room > QUEUE_LIMIT ? NULL : realloc(port->queue, room);
		if (more == NULL)
			return; /* Nobody has read for a long time: the newest is lost, the host finds a gap and a timeout. */
		port->queue = more;
		port->queue_room = room;
	}
	va_start(arguments, format);
	length = vsnprintf(port->queue + port->queue_end, LINE_LIMIT, format, arguments);
	va_end(arguments);
	if (length < 0 || length >= LINE_LIMIT)
		return;
	port->queue_end += (size_t)length;
	port->queue[port->queue_end++] = '\n';
	flush(port);
}

int port_patience(const struct port *port)
{
	if (port->fd < 0)
		return RETRY_MS;
	return port->connected && port->queue_start == port->queue_end ? -1 : 1000;
}
