/*
 * The event loop and what it does for each message.
 *
 *     vmguestd [PORT|- [DRIVE|- [RUN]]]
 *
 * PORT: a terminal or a unix socket; by default the virtio port org.vmplants.guest. DRIVE: a block device or an
 * image file; by default the optical drive of the lowest SCSI address. Under User-Mode Linux, see uml.c. RUN: the daemon's own directory, by
 * default /run/vmguestd, which it makes a file system in memory, so that nothing of an ISO ever reaches the disk.
 * With a RUN of its own it is not the daemon of this machine but one under test: it never renews an identity or stops
 * the machine.
 */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define REMEMBERED_NONCES 256
#define WORDS 4

/* What is being carried out: one ISO or one exec at a time. */
struct job {
	bool active;
	bool is_exec;
	char nonce[NONCE_LIMIT + 1];
	struct manifest manifest;
	struct action *actions;
	int action_count;
	int current;
	struct run run;
};

struct daemon {
	int epoll;
	struct port *port;
	const char *drive;
	const char *run;
	bool owns_machine;
	char stage[256], work[256];
	char vm[NONCE_LIMIT + 1]; /* whose machine this is; empty until the first identity */
	char nonces[REMEMBERED_NONCES][NONCE_LIMIT + 1];
	int next_nonce;
	struct job job;
};

static void say_ready(struct daemon *d)
{
	struct utsname kernel;

	uname(&kernel);
	port_say(d->port, "ready %d %s", PROTOCOL_VERSION, kernel.release);
}

static void refuse(struct daemon *d, const char *nonce, const struct reason *why)
{
	char text[sizeof why->text * 4 / 3 + 8];

	base64_encode((const uint8_t *)why->text, strlen(why->text), text);
	port_say(d->port, "refused %s %s", nonce, text);
}

static bool nonce_used(const struct daemon *d, const char *nonce)
{
	for (int i = 0; i < REMEMBERED_NONCES; i++)
		if (strcmp(d->nonces[i], nonce) == 0)
			return true;
	return false;
}

static void remember_nonce(struct daemon *d, const char *nonce)
{
	strcpy(d->nonces[d->next_nonce], nonce);
	d->next_nonce = (d->next_nonce + 1) % REMEMBERED_NONCES;
}

/* Scripts, data, secrets and working directories: nothing of a job stays. */
static void clear_job(struct daemon *d)
{
	struct job *job = &d->job;

	for (int i = 0; i < job->action_count; i++)
		action_free(&job->actions[i]);
	free(job->actions);
	manifest_free(&job->manifest);
	*job = (struct job){ 0 };
	remove_tree(AT_FDCWD, d->stage);
	remove_tree(AT_FDCWD, d->work);
}

/* Checks that go before any new work; opens a clean stage. Returns its descriptor or -1. */
static int begin_job(struct daemon *d, const char *nonce, struct reason *why)
{
	int stage;

	if (d->job.active) {
		because(why, "busy with %s", d->job.nonce);
		return -1;
	}
	if (nonce_used(d, nonce)) {
		because(why, "this nonce was carried out already");
		return -1;
	}
	clear_job(d);
	if (!make_directory(d->stage, 0700) || !make_directory(d->work, 0700) ||
	    (stage = open(d->stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0) {
		because_errno(why, "cannot make %s", d->stage);
		return -1;
	}
	return stage;
}

static void finish_job(struct daemon *d)
{
	char nonce[NONCE_LIMIT + 1];

	strcpy(nonce, d->job.nonce);
	clear_job(d);
	port_say(d->port, "done %s", nonce);
}

/* Starts the next script, or ends the job. */
static void advance(struct daemon *d)
{
	struct job *job = &d->job;
	struct reason why = { "" };

	if (job->current == job->action_count) {
		finish_job(d);
		return;
	}
	port_say(d->port, "started %s %d", job->nonce, job->actions[job->current].index);
	if (run_start(&job->run, &job->actions[job->current], d->epoll, &why))
		return;
	char text[sizeof why.text * 4 / 3 + 8];
	base64_encode((uint8_t *)why.text, strlen(why.text), text);
	port_say(d->port, "output %s %d %s", job->nonce, job->actions[job->current].index, text);
	port_say(d->port, "ended %s %d 126 0 0", job->nonce, job->actions[job->current].index);
	finish_job(d);
}

static bool prepare_actions(struct daemon *d, struct reason *why)
{
	struct job *job = &d->job;

	job->actions = calloc((size_t)job->manifest.action_count + 1, sizeof *job->actions);
	if (job->actions == NULL)
		return because(why, "out of memory");
	for (int i = 0; i < job->manifest.action_count; i++) {
		const struct manifest_action *listed = &job->manifest.actions[i];
		job->action_count++;
		if (!action_prepare(&job->actions[i], d->stage, d->work, listed->directory, listed->index,
				    listed->timeout_seconds, why))
			return false;
	}
	return true;
}

static bool renew(struct daemon *d, int stage, const char *nonce, int64_t epoch_ms, struct reason *why)
{
	struct identity now = { 0 };

	if (!d->job.manifest.has_identity)
		return true;
	if (!d->owns_machine)
		return because(why, "this daemon is under test and renews no machine");
	if (!identity_renew(&d->job.manifest, stage, d->run, epoch_ms, &now, why))
		return false;
	port_say(d->port, "renewed %s %s %s %s %s %s %s", nonce, now.hostname, now.machine_id, now.boot_id, now.mac,
		 now.host_key, now.random);
	strcpy(d->vm, d->job.manifest.vm);
	return true;
}

static bool configure(struct daemon *d, int stage, const char *nonce, const char *digest, int64_t epoch_ms,
		      struct reason *why)
{
	struct job *job = &d->job;

	if (!medium_take(d->drive, digest, nonce, stage, &job->manifest, why))
		return false;
	if (!job->manifest.has_identity && d->vm[0] != '\0' && strcmp(job->manifest.vm, d->vm) != 0)
		return because(why, "the manifest is for %s, this machine is %s", job->manifest.vm, d->vm);
	if (!prepare_actions(d, why))
		return false;
	remember_nonce(d, nonce);
	port_say(d->port, "accepted %s", nonce);
	return renew(d, stage, nonce, epoch_ms, why);
}

/* ---- configure NONCE MANIFEST_SHA256_HEX EPOCH_MILLISECONDS ------------------------------------------------ */

static void on_configure(struct daemon *d, char *words[], int count)
{
	struct reason why = { "" };
	char *end = NULL;
	int64_t epoch_ms = count == 4 ? strtoll(words[3], &end, 10) : -1;
	int stage;
	bool good;

	if (count != 4 || !is_token(words[1]) || !is_hex(words[2], 64) || *end != '\0' || epoch_ms < 0) {
		because(&why, "not configure NONCE SHA256 EPOCH_MILLISECONDS");
		refuse(d, "-", &why);
		return;
	}
	stage = begin_job(d, words[1], &why);
	if (stage < 0) {
		refuse(d, words[1], &why);
		return;
	}
	good = configure(d, stage, words[1], words[2], epoch_ms, &why);
	close(stage);
	if (!good) {
		clear_job(d);
		refuse(d, words[1], &why);
		return;
	}
	d->job.active = true;
	strcpy(d->job.nonce, words[1]);
	advance(d);
}

/* ---- exec NONCE TIMEOUT_SECONDS BASE64(script) -------------------------------------------------------------- */

static void on_exec(struct daemon *d, char *words[], int count)
{
	struct reason why = { "" };
	char *end = NULL;
	long seconds = count == 4 ? strtol(words[2], &end, 10) : 0;
	size_t length = count == 4 ? strlen(words[3]) : 0;
	uint8_t *script = malloc(length + 1);
	ssize_t size = script == NULL || count != 4 ? -1 : base64_decode(words[3], length, script);
	int stage;

	if (size < 0 || !is_token(words[1]) || *end != '\0' || seconds < 1 || seconds > 9999999) {
		because(&why, "not exec NONCE TIMEOUT_SECONDS BASE64");
		refuse(d, "-", &why);
	} else if ((stage = begin_job(d, words[1], &why)) < 0) {
		refuse(d, words[1], &why);
	} else {
		d->job.actions = calloc(1, sizeof *d->job.actions);
		d->job.action_count = d->job.actions != NULL;
		bool good = d->job.actions != NULL && mkdirat(stage, "exec", 0700) == 0 &&
			    write_file(stage, "exec/script", script, (size_t)size, 0700);
		if (!good)
			because_errno(&why, "cannot store the script");
		good = good && action_prepare(d->job.actions, d->stage, d->work, "exec", 0, (int)seconds, &why);
		close(stage);
		if (good) {
			remember_nonce(d, words[1]);
			d->job.active = d->job.is_exec = true;
			strcpy(d->job.nonce, words[1]);
			advance(d);
		} else {
			clear_job(d);
			refuse(d, words[1], &why);
		}
	}
	free(script);
}

/* ---- cancel NONCE ------------------------------------------------------------------------------------------- */

static void on_cancel(struct daemon *d, char *words[], int count)
{
	struct reason why = { "" };

	if (count != 2 || !is_token(words[1])) {
		because(&why, "not cancel NONCE");
		refuse(d, "-", &why);
		return;
	}
	/* It may have ended by itself while the message was on its way: `done` has been said then. */
	if (d->job.active && d->job.is_exec && strcmp(d->job.nonce, words[1]) == 0)
		run_expire(&d->job.run);
}

/* ---- quiesce NONCE ------------------------------------------------------------------------------------------ */

static void on_quiesce(struct daemon *d, char *words[], int count)
{
	struct reason why = { "" };

	if (count != 2 || !is_token(words[1])) {
		because(&why, "not quiesce NONCE");
		refuse(d, "-", &why);
		return;
	}
	if (d->job.active) {
		because(&why, "busy with %s", d->job.nonce);
		refuse(d, words[1], &why);
		return;
	}
	if (d->owns_machine)
		machine_settle();
	clear_job(d);
	sync();
	port_say(d->port, "done %s", words[1]);
}

/* ---- stop --------------------------------------------------------------------------------------------------- */

static void on_stop(struct daemon *d)
{
	run_kill(&d->job.run);
	if (d->owns_machine)
		machine_stop();
}

/* ---- the loop ------------------------------------------------------------------------------------------------ */

static void on_line(struct daemon *d, char *line)
{
	struct reason why = { "" };
	char *words[WORDS] = { line };
	int count = 1;

	for (char *space = strchr(line, ' '); space != NULL && count < WORDS; space = strchr(space + 1, ' ')) {
		*space = '\0';
		words[count++] = space + 1;
	}
	if (strcmp(words[0], "hello") == 0) {
		say_ready(d);
	} else if (strcmp(words[0], "configure") == 0) {
		on_configure(d, words, count);
	} else if (strcmp(words[0], "exec") == 0) {
		on_exec(d, words, count);
	} else if (strcmp(words[0], "cancel") == 0) {
		on_cancel(d, words, count);
	} else if (strcmp(words[0], "quiesce") == 0) {
		on_quiesce(d, words, count);
	} else if (strcmp(words[0], "stop") == 0) {
		on_stop(d);
	} else {
		because(&why, "not a message of protocol %d", PROTOCOL_VERSION);
		refuse(d, "-", &why);
	}
}

static void on_run_event(struct daemon *d)
{
	struct job *job = &d->job;
	const struct action *action = &job->actions[job->current];
	int status;

	if (job->run.pid == 0)
		return;
	run_drain(&job->run, action, job->nonce, d->port);
	if (!run_ended(&job->run, action, job->nonce, d->port, &status))
		return;
	job->current = status == 0 ? job->current + 1 : job->action_count;
	advance(d);
}

static int shorter(int one, int two)
{
	return one < 0 ? two : two < 0 || one < two ? one : two;
}

static void prepare_run_directory(struct daemon *d)
{
	struct stat self, parent;

	if (!make_directory(d->run, 0700))
		exit(1);
	/* A daemon that was started again finds it mounted, with the boot id's file in it. */
	if (d->owns_machine && stat(d->run, &self) == 0 && stat("/run", &parent) == 0 && self.st_dev == parent.st_dev)
		mount("vmguestd", d->run, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=50%");
	snprintf(d->stage, sizeof d->stage, "%s/stage", d->run);
	snprintf(d->work, sizeof d->work, "%s/work", d->run);
}

int main(int count, char *arguments[])
{
	static struct daemon d;

	signal(SIGPIPE, SIG_IGN);
	umask(022);
	/* Ahead of what the arrival of a medium sets off elsewhere; scripts are set back. */
	setpriority(PRIO_PROCESS, 0, -10);
	d.run = count > 3 ? arguments[3] : "/run/vmguestd";
	d.drive = count > 2 && strcmp(arguments[2], "-") != 0 ? arguments[2] : NULL;
	d.owns_machine = count <= 3;
	prepare_run_directory(&d);
	if (d.owns_machine)
		uml_prepare();
	d.epoll = epoll_create1(EPOLL_CLOEXEC);
	d.port = port_open(count > 1 && strcmp(arguments[1], "-") != 0 ? arguments[1] : NULL, d.epoll);
	for (;;) {
		struct epoll_event events[4];
		char *line;

		if (port_service(d.port))
			say_ready(&d);
		while ((line = port_line(d.port)) != NULL)
			on_line(&d, line);
		on_run_event(&d);
		epoll_wait(d.epoll, events, 4, shorter(port_patience(d.port), d.job.run.pid > 0 ? run_enforce(&d.job.run) : -1));
	}
}
