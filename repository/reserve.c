/*
 * Random bytes: no filesystem can compress them away.  A mebibyte holds the
 * new names of more than ten thousand snapshots, even if no space of the old
 * names is used again.
 */
#include "repository/reserve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/draft.h"
#include "base/file.h"

enum { RESERVE_BYTES = 1 << 20, PIECE_BYTES = 1 << 14 };

static int
fill(int fd, const char *name, struct err *err)
{
	uint8_t piece[PIECE_BYTES];

	for (size_t done = 0; done < RESERVE_BYTES; done += sizeof(piece)) {
		if (getrandom(piece, sizeof(piece), 0) < 0)
			return err_system(err, "take random bytes");
		if (file_write(fd, piece, sizeof(piece), name, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int
reserve_make(const char *path, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	AUTO(free) char *file = NULL;
	struct stat st;

	if (asprintf(&file, "%s/%s", path, RESERVE_FILE) < 0) {
		file = NULL;
		return err_system(err, "make '%s'", RESERVE_FILE);
	}
	if (lstat(file, &st) == 0)
		return 0;
	if (draft_open(file, &draft, err) < 0 || fill(draft.fd, file, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	if (draft_publish(&draft, DRAFT_REFUSE, err) < 0 && err->code != EEXIST)
		return -1;
	return 0;
}

static bool
release(const struct repository *repository)
{
	char file[PATH_MAX];

	return snprintf(file, sizeof(file), "%s/%s", repository->path,
		   RESERVE_FILE) < (int)sizeof(file) &&
	       unlink(file) == 0;
}

int
reserve_rename(const struct repository *repository, int folder,
    const char *from, const char *to)
{
	if (renameat(folder, from, folder, to) == 0)
		return 0;
	if (errno != ENOSPC && errno != EDQUOT)
		return -1;
	if (!release(repository)) {
		errno = ENOSPC;
		return -1;
	}
	return renameat(folder, from, folder, to);
}
