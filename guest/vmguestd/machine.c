/* The machine as a whole: what it is, when its boot is over, how it is switched off. Goes by what process 1 is. */
#define _GNU_SOURCE
#include "vmguestd.h"

#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool machine_is_uml(void)
{
	return access("/dev/ubda", F_OK) == 0;
}

static bool is_systemd(void)
{
	char name[256] = "";
	ssize_t length = readlink("/proc/1/exe", name, sizeof name - 1);

	name[length > 0 ? length : 0] = '\0';
	return strstr(name, "systemd") != NULL;
}

void machine_settle(void)
{
	pid_t pid;

	if (!is_systemd() || (pid = vfork()) < 0)
		return;
	if (pid == 0) {
		execl("/usr/bin/timeout", "timeout", "60", "systemctl", "--quiet", "is-system-running", "--wait", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/*
 * Where init is not systemd. busybox's own poweroff does the same with two fixed seconds of sleep, which every
 * collected machine would wait for.
 */
static void power_off(void)
{
	struct timespec pause = { 0, 25000000 };

	kill(-1, SIGTERM);
	for (int i = 0; i < 20 && kill(-1, 0) == 0; i++)
		nanosleep(&pause, NULL);
	kill(-1, SIGKILL);
	sync();
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	reboot(RB_POWER_OFF);
}

void machine_stop(void)
{
	/* systemd(1): SIGRTMIN+4 starts poweroff.target. */
	if (is_systemd())
		kill(1, SIGRTMIN + 4);
	else
		power_off();
}
