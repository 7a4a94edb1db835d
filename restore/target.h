/*
 * What is at the path where a database shall be, before anything is done.
 *
 * Only names are looked at (lstat, readdir); none of the files is opened, so
 * this may be asked again while an SQLite connection holds locks on them.
 */
#ifndef RESTORE_TARGET_H
#define RESTORE_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"

struct target {
	/* Where it will be: as given, but a symlink is followed, so that the
	 * link survives. */
	char path[PATH_MAX];
	bool present;
	/* Of what is there, when present. */
	dev_t dev;
	ino_t ino;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	uint64_t bytes;
};

/*
 * By the rules of place_find(), and ERR_USAGE for a name to which nothing can
 * be added; ERR_REFUSED for what is there and is no regular file with one name.
 */
int
target_inspect(const char *path, struct target *ret_target, struct err *err);

/* ERR_REFUSED when it is present and may not be replaced. */
int
target_permitted(const struct target *target, bool replace, struct err *err);

/* ERR_REFUSED when an archive is one of the files that would be put aside. */
int target_apart(
    const struct target *target, const struct stat *archive, struct err *err);

/* ERR_REFUSED, with their ids, when processes have it or a side file open. */
int target_unused(const struct target *target, struct err *err);

/* ERR_REFUSED unless the path names the same file, or still none. */
int target_unmoved(const struct target *target, struct err *err);

/* ERR_REFUSED when there is a -wal, -journal or -shm under its name. */
int target_alone(const struct target *target, struct err *err);

#endif
