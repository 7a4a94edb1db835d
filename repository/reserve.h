/*
 * A megabyte that is kept for the day on which the disk is full.
 *
 * A prune frees space, but it begins with renames, and a folder may have to
 * grow by a block for a new name: ext4 refuses that on a full disk (tried).
 * Then the file litesafe-reserve is removed, and made again when there is room.
 */
#ifndef REPOSITORY_RESERVE_H
#define REPOSITORY_RESERVE_H

#include "base/err.h"
#include "repository/repository.h"

#define RESERVE_FILE "litesafe-reserve"

/* Makes it in the repository's folder, unless it is there. */
int reserve_make(const char *path, struct err *err);

/*
 * rename() within a folder, which has the reserve to fall back on: -1 and
 * errno.
 */
int reserve_rename(const struct repository *repository, int folder,
    const char *from, const char *to);

#endif
