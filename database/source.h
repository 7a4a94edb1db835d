/*
 * A database looked at from outside, before SQLite is allowed to open it.
 *
 * Opening can do harm: an empty file loses its -wal, another user's open
 * leaves files that lock the application out, a hot journal is rolled back.
 * So everything that stat() and 100 bytes can tell is asked first, while this
 * process has no SQLite connection to the file (closing a plain descriptor
 * later would drop SQLite's POSIX locks: sqlite.org/howtocorrupt.html 2.2).
 */
#ifndef DATABASE_SOURCE_H
#define DATABASE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "database/header.h"

struct source {
	char path[4096]; /* absolute, symlinks resolved */
	dev_t dev;
	ino_t ino;
	uid_t uid;
	gid_t gid;
	mode_t mode; /* 07777 */
	uint64_t bytes; /* of the main file */
	struct header header; /* as in the file; a -wal may hold a newer one */
	bool has_wal; /* a -wal file exists */
	uint64_t wal_bytes;
	ino_t wal_ino; /* of them, 0 when absent */
	ino_t shm_ino;
	bool has_shm;
	bool through_wal; /* SQLite reads it through a WAL: by header or -wal */
	uint64_t journal_bytes; /* of -journal; 0 = absent or empty */
	bool writable; /* by this process: no guest, and it is not frozen */
	bool folder_writable; /* this process may create files beside it */
	bool guest; /* side files of ours would not become the owner's */
	bool frozen; /* said to stand still, see source_inspect_frozen() */
};

/*
 * Looks, and refuses with ERR_INPUT only what is no database: missing, a
 * directory, FIFO or device, a dangling symlink, empty, short, not SQLite,
 * encrypted, not readable.  What is found may not be safe to open.
 */
int source_look(const char *path, struct source *ret_source, struct err *err);

/*
 * Looks, and refuses what cannot be read safely:
 *   ERR_INPUT    what source_look() refuses; WAL mode with side files that
 *                are missing and cannot be made, or are unreadable;
 *   ERR_REFUSED  more than one hard link; WAL mode on a network filesystem;
 *                side files that SQLite would create as us and that the
 *                application (the file's owner) could then not write, or that
 *                could not be removed again.
 * Every refusal names the object, the reason and a next step.
 */
int
source_inspect(const char *path, struct source *ret_source, struct err *err);

/*
 * The same for a database that stands still, as the operator says: a
 * file-system snapshot, or a copy that was made while no application had it
 * open.  It is read without making files, so it is only asked whether the
 * database and its -wal can be read; any filesystem will do.  Whether it does
 * stand still pin.h finds out.
 */
int source_inspect_frozen(
    const char *path, struct source *ret_source, struct err *err);

/*
 * The same file still has the name: dev and ino as inspected.  ERR_INPUT when
 * it was replaced, renamed or deleted.  Only stat()s.
 */
int source_unmoved(const struct source *source, struct err *err);

/* The next step for one whose file ends before its last page. */
int source_hint_cut_off(const struct source *source, struct err *err);

/* Size of the -wal by stat(), 0 when there is none. */
uint64_t source_wal_bytes(const struct source *source);

#endif
