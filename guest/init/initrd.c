/*
 * The whole of a guest's initial RAM disk but its modules: loads the modules named in /modules, mounts the root disk
 * and hands over to the init on it. One process that forks for nothing: a shell doing the same costs an emulated
 * guest half a second.
 *
 * From the kernel's command line: `root=` (default /dev/vda), `init=` (default /sbin/init).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROOT "/root"
#define ROOT_WAIT_MS 30000

static void say(const char *what, const char *about)
{
	fprintf(stderr, "initrd: %s %s: %s\n", what, about, strerror(errno));
}

static void give_up(const char *what, const char *about)
{
	say(what, about);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* One path a line, each after those that it depends on. */
static void load_modules(void)
{
	FILE *list = fopen("/modules", "re");
	char path[256];

	while (list != NULL && fgets(path, sizeof path, list) != NULL) {
		int fd;

		path[strcspn(path, "\n")] = '\0';
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
			say("cannot load", path);
		if (fd >= 0)
			close(fd);
		/* The list and the modules are memory that nobody would ever free. */
		unlink(path);
	}
	if (list != NULL)
		fclose(list);
	unlink("/modules");
}

/* Value of NAME= on the kernel's command line, or the default. */
static const char *option(const char *name, const char *otherwise)
{
	static char line[4096];
	size_t length = strlen(name);
	char *saved, copy[sizeof line];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, copy, sizeof copy - 1);

	if (fd >= 0)
		close(fd);
	copy[got > 0 ? got : 0] = '\0';
	for (char *word = strtok_r(copy, " \n", &saved); word != NULL; word = strtok_r(NULL, " \n", &saved))
		if (strncmp(word, name, length) == 0)
			return strdup(word + length);
	return otherwise;
}

static void mount_root(const char *device)
{
	struct timespec pause = { 0, 5000000 };

	/* The driver finds its disk in a thread of its own. */
	for (int waited = 0; access(device, F_OK) != 0; waited += 5) {
		if (waited >= ROOT_WAIT_MS)
			give_up("no disk", device);
		nanosleep(&pause, NULL);
	}
	if (mount(device, ROOT, "ext4", MS_NOATIME, "") != 0)
		give_up("cannot mount", device);
}

static void move(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_MOVE, NULL) != 0)
		say("cannot move", from);
}

int main(void)
{
	const char *root, *init;

	mkdir("/dev", 0755), mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/run", 0755), mkdir(ROOT, 0755);
	mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
	mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	load_modules();
	root = option("root=", "/dev/vda");
	init = option("init=", "/sbin/init");
	mount_root(root);
	unlink("/init");
	move("/dev", ROOT "/dev");
	move("/proc", ROOT "/proc");
	move("/sys", ROOT "/sys");
	move("/run", ROOT "/run");
	if (chdir(ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
		give_up("cannot enter", root);
	execl(init, init, (char *)NULL);
	give_up("cannot run", init);
}
