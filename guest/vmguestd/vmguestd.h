/*
 * vmguestd: the daemon in a VMPlants guest. It waits on a virtual serial port for a doorbell, takes scripts and
 * data from an ISO that the doorbell authenticates, gives the clone a fresh identity, runs the scripts and sends
 * back their results. `guest/protocol.ts` is the contract; the sections of this file follow it.
 *
 * One process, one event loop, no threads. It forks for nothing but the scripts: under emulation a process costs
 * more than everything else that happens here. Nothing that arrives is ever given to a shell to interpret but the
 * scripts themselves.
 */
#ifndef VMGUESTD_H
#define VMGUESTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROTOCOL_VERSION 1
#define LINE_LIMIT (16 * 1024)
#define OUTPUT_LIMIT (64 * 1024)
#define OUTPUT_CHUNK (8 * 1024)
#define NONCE_LIMIT 128
#define PATH_LIMIT 511
#define MANIFEST_LIMIT (1024 * 1024)
#define MANIFEST_FILES_LIMIT 8192
#define MANIFEST_ACTIONS_LIMIT 1024
#define MANIFEST_MACS_LIMIT 16
#define MEDIUM_LIMIT ((uint64_t)1024 * 1024 * 1024)
#define ENVIRONMENT_LIMIT (128 * 1024)
#define ATTRIBUTES_LIMIT 256
#define ATTRIBUTE_NAME_LIMIT 64
#define ATTRIBUTE_VALUE_LIMIT 4096
#define ATTRIBUTES_FILE_LIMIT (2 * 1024 * 1024)
#define TERMINATION_GRACE_MS 2000
#define SEED_BYTES 64

/* Why something was refused, in words for the host. Only the first reason is kept. */
struct reason {
	char text[512];
};

/* Formats the reason and returns false, so that a check can `return because(why, ...)`. */
bool because(struct reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with `: strerror(errno)` at its end. */
bool because_errno(struct reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- encoding.c: SHA-256, hexadecimal, base64 ------------------------------------------------------------ */

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	uint8_t block[64];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t length);
/* Writes 64 lower-case hexadecimal digits and a NUL. */
void sha256_end_hex(struct sha256 *hash, char hex[65]);
void hex_encode(const uint8_t *data, size_t length, char *hex);
/* Needs 4 * ((length + 2) / 3) + 1 bytes; ends with a NUL; returns the characters written. */
size_t base64_encode(const uint8_t *data, size_t length, char *text);
/* Strict (padded, no white space). Returns the bytes written, which are fewer than the characters, or -1. */
ssize_t base64_decode(const char *text, size_t length, uint8_t *data);

/* ---- files.c: small things done to files ------------------------------------------------------------------ */

/* Reads a whole file of at most `limit` bytes, NUL-terminated; the caller frees. NULL with errno (EFBIG) set. */
char *read_file(int directory, const char *path, size_t limit, size_t *length);
bool write_all(int fd, const void *data, size_t length);
/* Makes the file hold exactly this, in place. */
bool write_file(int directory, const char *path, const void *data, size_t length, mode_t mode);
bool make_directory(const char *path, mode_t mode);
/* Makes the directories that lead to `path`, which is relative to `directory`. */
bool make_parents(int directory, const char *path);
/* Removes what is there, following no link and crossing into nothing else; missing is fine. */
void remove_tree(int directory, const char *path);
int64_t monotonic_ms(void);

/* ---- port.c: the line to the host ------------------------------------------------------------------------- */

struct port;

/*
 * The path of a terminal (put into raw mode) or of a unix socket to connect to; NULL: the virtio port of the
 * protocol's name, or User-Mode Linux's serial line. Never fails: it keeps trying.
 */
struct port *port_open(const char *path, int epoll);
/* After an event, and at every timeout: (re)connects, reads, flushes. True when a host has come newly. */
bool port_service(struct port *port);
/* The next whole line without its end, valid until the next call; NULL when there is none. */
char *port_line(struct port *port);
/* Queues one line; `\n` is added. */
void port_say(struct port *port, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Longest that the event loop may sleep for the port's sake, in milliseconds; -1 for any time. */
int port_patience(const struct port *port);

/* ---- manifest.c: what the ISO says it is ------------------------------------------------------------------ */

struct manifest_file {
	const char *digest;
	const char *path;
};

struct manifest_action {
	int index;
	int timeout_seconds;
	const char *directory;
};

/* All strings point into `text`, which the manifest owns. */
struct manifest {
	char *text;
	const char *vm;
	const char *nonce;
	bool has_identity;
	const char *hostname;
	const char *machine_id;
	const char *boot_id;
	const char *seed;
	const char *ssh_host_key; /* NULL: none */
	const char *macs[MANIFEST_MACS_LIMIT];
	int mac_count;
	struct manifest_file *files;
	int file_count;
	struct manifest_action *actions;
	int action_count;
};

/* Takes `text` over. Refuses whatever protocol.ts does not list. */
bool manifest_parse(struct manifest *manifest, char *text, size_t length, struct reason *why);
void manifest_free(struct manifest *manifest);
/* True for a nonce or VMID: 1 to NONCE_LIMIT of A-Z a-z 0-9 . _ - */
bool is_token(const char *text);
bool is_hex(const char *text, size_t digits);

/* ---- uml.c: a machine of User-Mode Linux ------------------------------------------------------------------- */

#define UML_PORT "/dev/ttyS1"
#define UML_DRIVE "/dev/ubdb"

/* Under User-Mode Linux: loads the kernel's modules and gives drives their usual names. Elsewhere nothing. */
void uml_prepare(void);

/* ---- drive.c: bytes of the configuration drive ------------------------------------------------------------ */

#define SECTOR 2048

struct drive {
	int fd;
	bool scsi;            /* read with SCSI commands, otherwise as a file */
	uint32_t sectors;     /* of the medium; only with SCSI */
	uint64_t window_start;
	size_t window_length;
	uint8_t window[64 * 1024];
};

/* A device or image file; NULL: the optical drive of the lowest SCSI address, or User-Mode Linux's drive. */
bool drive_open(struct drive *drive, const char *path, struct reason *why);
void drive_close(struct drive *drive);
/* Exactly these bytes, or false with errno. */
bool drive_read(struct drive *drive, uint64_t offset, void *data, size_t length);

/* ---- iso9660.c: files on the medium ------------------------------------------------------------------------ */

struct iso_file {
	char *path;
	uint32_t sector;
	uint32_t length;
	uint32_t mode;        /* permissions only */
};

struct iso {
	struct iso_file *files;
	int count;
	int directories;
	int last_found;
};

/* Reads all directories. After false, too, `iso_close` frees. */
bool iso_open(struct iso *iso, struct drive *drive, struct reason *why);
/* The regular file of that path, or NULL. */
const struct iso_file *iso_find(struct iso *iso, const char *path);
void iso_close(struct iso *iso);

/* ---- medium.c: from the drive into memory ------------------------------------------------------------------ */

/*
 * Compares the manifest with the digest, and copies every listed file below the directory `stage`, verifying it on
 * the way: what runs later can neither change nor hold the medium. `drive` as for `drive_open`.
 */
bool medium_take(const char *drive, const char *digest, const char *nonce, int stage, struct manifest *manifest,
		 struct reason *why);

/* ---- identity.c: who this machine is ------------------------------------------------------------------------ */

struct identity {
	char hostname[65];
	char machine_id[33];
	char boot_id[37];
	char mac[18];         /* "-" without an interface */
	char host_key[65];    /* "-" without /etc/ssh */
	char random[33];
};

/* Takes on the manifest's identity and reads it back; removes the seed and the key from the stage. `run` is the daemon's directory under /run. */
bool identity_renew(const struct manifest *manifest, int stage, const char *run, int64_t epoch_ms,
		    struct identity *now, struct reason *why);

/* ---- machine.c: the machine as a whole ---------------------------------------------------------------------- */

/* Whether it is one of User-Mode Linux: by the name of its root disk, which costs next to nothing. */
bool machine_is_uml(void);
/*
 * Waits until systemd has nothing left to start: a machine frozen in the middle of its boot would go on with it in
 * every clone. At most a minute; any other init has finished long before.
 */
void machine_settle(void);
/* Switches the machine off in an orderly way. With systemd it returns at once. */
void machine_stop(void);

/* ---- action.c: one script at a time ------------------------------------------------------------------------- */

struct action {
	char *script;         /* absolute */
	char *attributes;     /* absolute */
	char *work;           /* absolute working directory */
	char **environment;   /* NULL-terminated; one allocation behind it */
	char *environment_text;
	int index;
	int timeout_seconds;
};

/* Makes the working directory, reads and checks DIRECTORY/environment. `stage` and `work` are absolute paths. */
bool action_prepare(struct action *action, const char *stage, const char *work, const char *directory,
		    int index, int timeout_seconds, struct reason *why);
void action_free(struct action *action);

struct run {
	pid_t pid;            /* 0: nothing runs */
	int pidfd;
	int output;
	int64_t began_ms;
	int64_t due_ms;       /* when the next step of the timeout is taken */
	bool timed_out;
	bool killed;
	bool truncated;
	size_t sent;
};

bool run_start(struct run *run, const struct action *action, int epoll, struct reason *why);
/* Passes output on. */
void run_drain(struct run *run, const struct action *action, const char *nonce, struct port *port);
/* Takes the steps of the timeout that are due; returns milliseconds until the next. */
int run_enforce(struct run *run);
/* Lets the time of the script be over now: the next `run_enforce` begins to end it. */
void run_expire(struct run *run);
/* Reaps the script if it has ended: sends attributes and `ended`. True, with the status, when it has. */
bool run_ended(struct run *run, const struct action *action, const char *nonce, struct port *port, int *status);
/* Kills the script and its process group. */
void run_kill(struct run *run);

#endif
