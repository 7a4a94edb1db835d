/*
 * The line is sealed by its SHA-256.  Behind the seal stands one '+' for each
 * use: appending a byte needs no new file and no flush, so that a backup that
 * has nothing to do is done at once.  If two of them append at a time, both
 * count; if two keep a line at a time, what comes of it has a seal or is not
 * believed.
 */
#include "repository/state_evidence.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/file.h"
#include "base/sealed.h"

enum {
	USES_MAX = 4096, /* more is not believed */
	FILE_MAX = STATE_EVIDENCE_BYTES - 1 + SEALED_EXTRA + USES_MAX,
};

static const char mark = '+';

/* At most FILE_MAX bytes; one more tells that there are more. */
static bool
read_file(const struct state *state, const char *name, char text[FILE_MAX + 1],
    size_t *ret_len)
{
	char file[STATE_FILE_BYTES];
	struct err ignored;
	struct stat st;

	state_name(name, "evidence", file);
	AUTO(fd) int fd = state_file(state, file);
	/* Who can write here could hide a change. */
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       file_read(fd, text, FILE_MAX + 1, file, NULL, ret_len,
		   &ignored) == 0 &&
	       *ret_len <= FILE_MAX;
}

bool
state_evidence_read(const struct state *state, const char *name,
    char ret_line[STATE_EVIDENCE_BYTES], uint64_t *ret_used)
{
	char text[FILE_MAX + 1];
	struct err ignored;
	size_t len = 0, used = 0, line = 0;

	if (!read_file(state, name, text, &len))
		return false;
	while (used < len && text[len - used - 1] == mark)
		used++;
	if (sealed_decode(text, len - used, &line, &ignored) < 0 ||
	    line >= STATE_EVIDENCE_BYTES || memchr(text, '\0', line) != NULL)
		return false;
	memcpy(ret_line, text, line);
	ret_line[line] = '\0';
	*ret_used = used;
	return true;
}

static int
open_it(const struct state *state, const char *name, int flags, struct err *err)
{
	char file[STATE_FILE_BYTES];

	state_name(name, "evidence", file);
	int fd = belong_open(state->fd, file, O_WRONLY | flags);
	return fd >= 0 ? fd
		       : err_system(err, "open '%s/%s'", state->folder, file);
}

/* Cut off afterwards, not before: to give a file's block back and get another
 * takes ext4 some milliseconds.  What a crash leaves in between has marks of
 * uses that were not, or a seal that is wrong. */
int
state_evidence_keep(const struct state *state, const char *name,
    const char *line, struct err *err)
{
	AUTO(free) char *text = NULL;
	size_t len = 0;

	assert(strlen(line) < STATE_EVIDENCE_BYTES);
	if (sealed_encode(line, strlen(line), &text, &len, err) < 0)
		return -1;
	AUTO(fd) int fd = open_it(state, name, O_CREAT, err);
	if (fd < 0 || file_write(fd, text, len, "evidence", NULL, err) < 0)
		return -1;
	return ftruncate(fd, (off_t)len) == 0
		   ? 0
		   : err_system(err, "cut off '%s/evidence'", state->folder);
}

int
state_evidence_used(
    const struct state *state, const char *name, struct err *err)
{
	AUTO(fd) int fd = open_it(state, name, O_APPEND, err);

	return fd < 0 ? -1 : file_write(fd, &mark, 1, "evidence", NULL, err);
}
