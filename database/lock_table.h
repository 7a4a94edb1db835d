/*
 * The kernel's table of file locks (/proc/locks, proc(5)), as far as it is
 * about the files of one database.
 *
 * None of those files is opened, so this may be asked beside live SQLite
 * connections.  Locks of processes in other pid namespaces are not in the
 * table (lock_probe.h finds some of those).
 *
 * For this room only.
 */
#ifndef DATABASE_LOCK_TABLE_H
#define DATABASE_LOCK_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "database/family.h"

struct lock_file {
	bool exists;
	dev_t dev; /* as stat() says */
	dev_t lock_dev; /* as the table says */
	ino_t ino;
};

/* In the order of family_suffix[]. */
struct lock_files {
	struct lock_file file[FAMILY_FILES];
};

struct lock_entry {
	unsigned file; /* index in family_suffix[] */
	bool posix; /* as SQLite takes them, not flock() or a lease */
	bool write;
	pid_t pid; /* 0: a lock that belongs to no process we can see */
	uint64_t first, last; /* bytes; UINT64_MAX is the end of any file */
};

/* `path` may be a symlink: the side files stand beside what it leads to. */
int lock_files_find(
    const char *path, struct lock_files *ret_files, struct err *err);

bool lock_files_any(const struct lock_files *files);

/* One of the files is the one that `st` describes. */
bool lock_files_has(const struct lock_files *files, const struct stat *st);

/*
 * Calls `visit` for each lock that somebody, we too, holds on one of the files;
 * not for one that is waited for.  Ends with -1 when `visit` returns -1.
 */
int lock_table_read(const struct lock_files *files,
    int (*visit)(void *ctx, const struct lock_entry *entry, struct err *err),
    void *ctx, struct err *err);

#endif
