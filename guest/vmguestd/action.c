/* One script at a time: its environment, its process group, its output, its time. */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const standard_environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
};
#define STANDARD_ENTRIES (sizeof standard_environment / sizeof *standard_environment)

/* Length of the name when `entry` is NAME=..., else 0. NAME: [A-Za-z_][A-Za-z0-9_]* */
static size_t name_length(const char *entry)
{
	size_t length = strspn(entry, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return length > 0 && entry[length] == '=' && (entry[0] < '0' || entry[0] > '9') ? length : 0;
}

static char *joined(const char *one, const char *two, const char *three)
{
	char *text;

	return asprintf(&text, "%s/%s/%s", one, two, three) < 0 ? NULL : text;
}

/* The client's entries come after the standard ones and replace those of the same name. */
static bool read_environment(struct action *action, const char *path, struct reason *why)
{
	size_t length = 0, own = 0, count = 0;
	char *text = read_file(AT_FDCWD, path, ENVIRONMENT_LIMIT, &length);

	if (text == NULL && errno != ENOENT)
		return because_errno(why, "cannot read the environment of action %d", action->index);
	if (length > 0 && text[length - 1] != '\0') {
		free(text);
		return because(why, "the environment of action %d does not end with NUL", action->index);
	}
	for (size_t at = 0; at < length; at += strlen(text + at) + 1)
		own++;
	action->environment_text = text;
	action->environment = calloc(own + STANDARD_ENTRIES + 2, sizeof(char *));
	if (action->environment == NULL)
		return because(why, "out of memory");
	for (size_t i = 0; i < STANDARD_ENTRIES; i++)
		action->environment[count++] = (char *)standard_environment[i];
	if (asprintf(&action->environment[count++], "VMPLANTS_ATTRIBUTES=%s", action->attributes) < 0)
		return because(why, "out of memory");
	for (size_t at = 0; at < length; at += strlen(text + at) + 1) {
		size_t name = name_length(text + at), place = 0;

		if (name == 0)
			return because(why, "the environment of action %d has an entry that is not NAME=value", action->index);
		if (strncmp(text + at, "VMPLANTS_ATTRIBUTES=", 20) == 0)
			continue;
		while (place < count && strncmp(action->environment[place], text + at, name + 1) != 0)
			place++;
		action->environment[place] = text + at;
		count += place == count;
	}
	return true;
}

bool action_prepare(struct action *action, const char *stage, const char *work, const char *directory,
		    int index, int timeout_seconds, struct reason *why)
{
	char *environment = joined(stage, directory, "environment"), *files = joined(stage, directory, "files");
	struct stat status;
	bool good = environment != NULL && files != NULL;

	*action = (struct action){ .index = index, .timeout_seconds = timeout_seconds };
	action->script = joined(stage, directory, "script");
	action->attributes = joined(stage, directory, "attributes");
	if (asprintf(&action->work, "%s/%d", work, index) < 0)
		action->work = NULL;
	if (!good || action->script == NULL || action->attributes == NULL || action->work == NULL)
		good = because(why, "out of memory");
	else if (lstat(action->script, &status) != 0 || !S_ISREG(status.st_mode))
		good = because(why, "action %d has no script", index);
	/* The copy of files/ that was made from the medium becomes the working directory itself. */
	else if (rename(files, action->work) != 0 && (errno != ENOENT || mkdir(action->work, 0700) != 0))
		good = because_errno(why, "cannot make the working directory of action %d", index);
	else
		good = read_environment(action, environment, why);
	free(environment);
	free(files);
	return good;
}

void action_free(struct action *action)
{
	if (action->environment != NULL)
		free(action->environment[STANDARD_ENTRIES]);
	free(action->environment);
	if (action->environment_text != NULL)
		free(action->environment_text);
	free(action->script);
	free(action->attributes);
	free(action->work);
	*action = (struct action){ 0 };
}

/* What `#!` of the script asks for, else sh. The script's own mode and the mount's do not matter. */
static void interpreter(const char *script, char line[256], char *argv[4])
{
	int fd = open(script, O_RDONLY | O_CLOEXEC), count = 0;
	ssize_t length = fd < 0 ? 0 : read(fd, line, 255);
	char *command, *argument, *end;

	if (fd >= 0)
		close(fd);
	line[length > 0 ? length : 0] = '\0';
	end = strchr(line, '\n');
	if (strncmp(line, "#!", 2) == 0 && end != NULL) {
		while (end > line && strchr(" \t\r\n", *end) != NULL)
			*end-- = '\0';
		command = line + 2 + strspn(line + 2, " \t");
		argument = command + strcspn(command, " \t");
		if (*argument != '\0') {
			*argument++ = '\0';
			argument += strspn(argument, " \t");
		}
		if (*command == '/') {
			argv[count++] = command;
			if (*argument != '\0')
				argv[count++] = argument;
		}
	}
	if (count == 0)
		argv[count++] = (char *)"/bin/sh";
	argv[count++] = (char *)script;
	argv[count] = NULL;
}

/* The child's side. After vfork: system calls only, and no return. */
__attribute__((noreturn)) static void become(const struct action *action, char *const argv[], int output)
{
	static const char complaint[] = "vmguestd: cannot run the interpreter of the script\n";
	struct sigaction normal = { .sa_handler = SIG_DFL };
	int nothing = open("/dev/null", O_RDONLY);

	setsid();
	setpriority(PRIO_PROCESS, 0, 0);
	sigaction(SIGPIPE, &normal, NULL);
	if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 && chdir(action->work) == 0) {
		if (nothing > 2)
			close(nothing);
		umask(022);
		execve(argv[0], argv, action->environment);
	}
	if (write(output, complaint, sizeof complaint - 1) < 0)
		_exit(126);
	_exit(127);
}

bool run_start(struct run *run, const struct action *action, int epoll, struct reason *why)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = run };
	char line[256], *argv[4];
	int ends[2];

	interpreter(action->script, line, argv);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return because_errno(why, "cannot make a pipe");
	/* Only this end: what scripts write to must block. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*run = (struct run){ .output = ends[0], .began_ms = monotonic_ms() };
	run->due_ms = run->began_ms + (int64_t)action->timeout_seconds * 1000;
	run->pid = vfork();
	if (run->pid == 0)
		become(action, argv, ends[1]);
	int error = errno;
	close(ends[1]);
	if (run->pid < 0) {
		close(ends[0]);
		run->pid = 0;
		errno = error;
		return because_errno(why, "cannot start a process");
	}
	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, run->pidfd, &event);
	epoll_ctl(epoll, EPOLL_CTL_ADD, run->output, &event);
	return true;
}

void run_drain(struct run *run, const struct action *action, const char *nonce, struct port *port)
{
	uint8_t data[OUTPUT_CHUNK];
	char text[OUTPUT_CHUNK * 4 / 3 + 8];

	while (run->output >= 0) {
		ssize_t got = read(run->output, data, sizeof data);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close(run->output);
			run->output = -1;
			return;
		}
		size_t keep = OUTPUT_LIMIT - run->sent < (size_t)got ? OUTPUT_LIMIT - run->sent : (size_t)got;
		run->truncated = run->truncated || keep < (size_t)got;
		run->sent += keep;
		if (keep > 0) {
			base64_encode(data, keep, text);
			port_say(port, "output %s %d %s", nonce, action->index, text);
		}
		/* One that writes without end must not keep the loop from its timeout. */
		if (run->truncated)
			return;
	}
}

int run_enforce(struct run *run)
{
	int64_t left = run->due_ms - monotonic_ms();

	if (left <= 0) {
		kill(-run->pid, run->timed_out ? SIGKILL : SIGTERM);
		run->killed = run->timed_out;
		run->timed_out = true;
		run->due_ms = monotonic_ms() + TERMINATION_GRACE_MS;
		left = TERMINATION_GRACE_MS;
	}
	return left < 60000 ? (int)left : 60000;
}

void run_expire(struct run *run)
{
	if (run->pid > 0 && !run->timed_out)
		run->due_ms = monotonic_ms();
}

void run_kill(struct run *run)
{
	if (run->pid > 0)
		kill(-run->pid, SIGKILL);
}

/* The beginning of a file that a script has written, as far as the limit and in whole lines. */
static char *read_start(const char *path, size_t limit, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *data = fd < 0 ? NULL : malloc(limit + 1);
	ssize_t got = 1;

	*length = 0;
	while (data != NULL && *length < limit && got > 0) {
		got = read(fd, data + *length, limit - *length);
		if (got > 0)
			*length += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (fd >= 0)
		close(fd);
	/* Cut in the middle of a line, perhaps: half a value is none. */
	if (data != NULL && *length == limit)
		while (*length > 0 && data[*length - 1] != '\n')
			--*length;
	return data;
}

static void send_attributes(const struct action *action, const char *nonce, struct port *port)
{
	static char text[ATTRIBUTE_VALUE_LIMIT * 4 / 3 + 8];
	size_t length;
	char *data = read_start(action->attributes, ATTRIBUTES_FILE_LIMIT, &length), *end;
	int count = 0;

	if (data == NULL)
		return;
	for (char *line = data; line < data + length && count < ATTRIBUTES_LIMIT; line = end + 1) {
		size_t name = 0, value = 0;

		end = memchr(line, '\n', (size_t)(data + length - line));
		if (end == NULL)
			end = data + length;
		*end = '\0';
		name = name_length(line);
		value = name > 0 ? strlen(line + name + 1) : 0;
		/* A NUL inside makes the line shorter than it is: skipped like any other bad line. */
		if (name == 0 || name > ATTRIBUTE_NAME_LIMIT || value > ATTRIBUTE_VALUE_LIMIT ||
		    line + name + 1 + value != end)
			continue;
		base64_encode((uint8_t *)line + name + 1, value, text);
		port_say(port, "attribute %s %d %.*s %s", nonce, action->index, (int)name, line, text);
		count++;
	}
	free(data);
}

bool run_ended(struct run *run, const struct action *action, const char *nonce, struct port *port, int *status)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
		return false;
	*status = run->timed_out ? -1 : info.si_code == CLD_EXITED ? info.si_status : 256 + info.si_status;
	if (run->timed_out)
		kill(-run->pid, SIGKILL);
	/*
	 * A service that the script left behind may hold the pipe open: what is in it now is taken, its end is not
	 * awaited. Bounded, because that service may also write without end.
	 */
	for (size_t before = (size_t)-1; run->output >= 0 && run->sent != before && !run->truncated;) {
		before = run->sent;
		run_drain(run, action, nonce, port);
	}
	if (run->output >= 0)
		close(run->output);
	close(run->pidfd);
	send_attributes(action, nonce, port);
	port_say(port, "ended %s %d %d %lld %d", nonce, action->index, *status,
		 (long long)(monotonic_ms() - run->began_ms), run->truncated);
	run->pid = 0;
	return true;
}
