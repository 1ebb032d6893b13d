/* The manifest: lines of words, in a fixed order, nothing else. Pure: it touches no file. */
#include "vmguestd.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_LIMIT 4

static bool all_of(const char *text, const char *characters)
{
	return text[0] != '\0' && text[strspn(text, characters)] == '\0';
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool is_token(const char *text)
{
	return strlen(text) <= NONCE_LIMIT && all_of(text, LETTERS DIGITS "._-");
}

bool is_hex(const char *text, size_t digits)
{
	return strlen(text) == digits && all_of(text, DIGITS "abcdef");
}

static bool is_hostname(const char *text)
{
	return strlen(text) <= 64 && all_of(text, LETTERS DIGITS "-.") && text[0] != '-' && text[0] != '.';
}

static bool is_uuid(const char *text)
{
	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : strchr(DIGITS "abcdef", text[i]) == NULL)
			return false;
	}
	return true;
}

/* Lower case, of one machine (not multicast), not zero. */
static bool is_mac(const char *text)
{
	if (strlen(text) != 17 || strcmp(text, "00:00:00:00:00:00") == 0 || strchr("02468ace", text[1]) == NULL)
		return false;
	for (int i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':' : strchr(DIGITS "abcdef", text[i]) == NULL)
			return false;
	return true;
}

/* Relative, no empty, `.` or `..` segment, only characters that mean nothing to anybody. */
static bool is_path(const char *text)
{
	size_t length = strlen(text), segment;

	if (length > PATH_LIMIT || !all_of(text, LETTERS DIGITS "._+@=,~-/"))
		return false;
	for (const char *at = text;; at += segment + 1) {
		segment = strcspn(at, "/");
		if (segment == 0 || (segment == 1 && at[0] == '.') || (segment == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		if (at[segment] == '\0')
			return true;
	}
}

static bool is_number(const char *text, int *value)
{
	if (strlen(text) > 7 || !all_of(text, DIGITS))
		return false;
	*value = atoi(text);
	return true;
}

static void *append(void *list, int count, size_t size)
{
	/* Grows at 0, 64, 128, ...: the lists are short. */
	return count % 64 == 0 ? realloc(list, (size_t)(count + 64) * size) : list;
}

/* Order of the lines: a line may not come after one of a later rank. */
enum rank { HEAD, VM, NONCE, HOSTNAME, MACHINE_ID, BOOT_ID, SEED, MAC, SSH_HOST_KEY, FILES, ACTIONS, END };

static enum rank rank_of(const char *word)
{
	static const char *const words[] = { "vmplants-manifest", "vm", "nonce", "hostname", "machine-id", "boot-id",
					     "seed", "mac", "ssh-host-key", "file", "action" };
	int rank = HEAD;

	while (rank < END && strcmp(word, words[rank]) != 0)
		rank++;
	return (enum rank)rank;
}

static bool take_line(struct manifest *m, enum rank rank, char *const words[], int count, struct reason *why)
{
	const char *one = count > 1 ? words[1] : "";
	static const int counts[] = { 2, 2, 2, 2, 2, 2, 2, 3, 2, 3, 4 };
	int value;
	void *grown;

	if (rank == END || count != counts[rank])
		return because(why, "manifest: a line `%.40s` of %d words is not of this protocol", words[0], count);
	switch (rank) {
	case HEAD:
		return strcmp(one, "1") == 0 || because(why, "manifest: version %.20s, this daemon knows 1", one);
	case VM:
		m->vm = one;
		return is_token(one) || because(why, "manifest: bad vm");
	case NONCE:
		m->nonce = one;
		return is_token(one) || because(why, "manifest: bad nonce");
	case HOSTNAME:
		m->hostname = one;
		m->has_identity = true;
		return is_hostname(one) || because(why, "manifest: bad hostname");
	case MACHINE_ID:
		m->machine_id = one;
		return is_hex(one, 32) || because(why, "manifest: bad machine-id");
	case BOOT_ID:
		m->boot_id = one;
		return is_uuid(one) || because(why, "manifest: bad boot-id");
	case SEED:
		m->seed = one;
		return is_path(one) || because(why, "manifest: bad path of the seed");
	case MAC:
		if (m->mac_count == MANIFEST_MACS_LIMIT || !is_number(one, &value) || value != m->mac_count ||
		    !is_mac(words[2]))
			return because(why, "manifest: bad mac line %d", m->mac_count);
		m->macs[m->mac_count++] = words[2];
		return true;
	case SSH_HOST_KEY:
		m->ssh_host_key = one;
		return (is_path(one) && strlen(one) + 4 <= PATH_LIMIT) || because(why, "manifest: bad path of the host key");
	case FILES:
		if (m->file_count == MANIFEST_FILES_LIMIT || !is_hex(one, 64) || !is_path(words[2]))
			return because(why, "manifest: bad file line %d", m->file_count);
		grown = append(m->files, m->file_count, sizeof *m->files);
		if (grown == NULL)
			return because(why, "out of memory");
		m->files = grown;
		m->files[m->file_count++] = (struct manifest_file){ one, words[2] };
		return true;
	default:
		break;
	}
	if (m->action_count == MANIFEST_ACTIONS_LIMIT || !is_number(one, &value) || value != m->action_count)
		return because(why, "manifest: bad action line %d", m->action_count);
	if (!is_number(words[2], &value) || value == 0 || !is_path(words[3]) || strchr(words[3], '/') != NULL)
		return because(why, "manifest: bad timeout or directory of action %d", m->action_count);
	for (int i = 0; i < m->action_count; i++)
		if (strcmp(m->actions[i].directory, words[3]) == 0)
			return because(why, "manifest: two actions in one directory");
	grown = append(m->actions, m->action_count, sizeof *m->actions);
	if (grown == NULL)
		return because(why, "out of memory");
	m->actions = grown;
	m->actions[m->action_count] = (struct manifest_action){ m->action_count, value, words[3] };
	m->action_count++;
	return true;
}

bool manifest_parse(struct manifest *m, char *text, size_t length, struct reason *why)
{
	enum rank before = HEAD;
	int lines = 0;

	*m = (struct manifest){ .text = text };
	if (length == 0 || text[length - 1] != '\n' || strlen(text) != length)
		return because(why, "manifest: not text that ends with a new line");
	for (char *line = text, *end; *line != '\0'; line = end + 1, lines++) {
		char *words[WORDS_LIMIT] = { line };
		enum rank rank;
		int count = 1;

		end = strchr(line, '\n');
		*end = '\0';
		for (char *space = strchr(line, ' '); space != NULL; space = strchr(space + 1, ' ')) {
			*space = '\0';
			if (count == WORDS_LIMIT)
				return because(why, "manifest: line %d has too many words", lines + 1);
			words[count++] = space + 1;
		}
		rank = rank_of(words[0]);
		/* Only mac, file and action lines repeat. */
		if (lines == 0 ? rank != HEAD : rank < before || (rank == before && rank != MAC && rank != FILES && rank != ACTIONS))
			return because(why, "manifest: line %d is out of order", lines + 1);
		if (!take_line(m, rank, words, count, why))
			return false;
		before = rank;
	}
	if (m->vm == NULL || m->nonce == NULL)
		return because(why, "manifest: no vm or no nonce");
	if (m->has_identity ? !m->machine_id || !m->boot_id || !m->seed
			    : m->machine_id || m->boot_id || m->seed || m->ssh_host_key || m->mac_count)
		return because(why, "manifest: an identity is whole or absent");
	return true;
}

void manifest_free(struct manifest *m)
{
	free(m->text);
	free(m->files);
	free(m->actions);
	*m = (struct manifest){ 0 };
}
