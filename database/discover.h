/*
 * The databases in a folder and in all folders below it.
 *
 * A database is known by its first 16 bytes, not by its name.  Without a word
 * are passed over: files that begin otherwise (encrypted databases are among
 * them), empty files, links, FIFOs, sockets and devices; the -wal, -shm and
 * -journal of a file that is there; what litesafe itself leaves beside a database (put aside
 * by a restore, or a draft); folders that hold the file `not_in`, lost+found,
 * and the kernel's own filesystems (/proc, /sys).  An empty file that has a
 * -wal is reported as a database: its data may be in there, and
 * source_inspect() says so.
 *
 * What might be or hold a database and cannot be read is a fault, and the walk
 * goes on.
 *
 * Files are opened and closed here: call this before the first SQLite
 * connection of the process, or when there is none, because to close one would
 * drop the locks that SQLite holds on it.  Nothing is followed, written or
 * waited for; the times of last access stay where we may ask for that.
 * Memory: a folder's descriptor and buffer for each level, at most
 * DISCOVER_DEPTH_MAX of them.
 */
#ifndef DATABASE_DISCOVER_H
#define DATABASE_DISCOVER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/work.h"

enum { DISCOVER_DEPTH_MAX = 128 };

struct discover_options {
	const char *folder; /* may itself be a link to one */
	const char
	    *not_in; /* a folder with this file is not entered; or NULL */
	bool one_filesystem; /* folders of another one are not entered */
	struct work *work; /* may be NULL */

	/*
	 * For each database, in no order: its path, and the part of it below
	 * `folder`.  -1 ends the walk.
	 */
	int (*found)(void *ctx, const char *path, const char *below,
	    const struct stat *st, struct err *err);
	/* `one` may be changed.  -1 ends the walk. */
	int (*fault)(
	    void *ctx, const char *path, struct err *one, struct err *err);
	void *ctx;
};

/*
 * -1 with ERR_STOPPED, or with what `found` or `fault` said; also that `folder`
 * is none or cannot be opened is a fault.
 */
int discover(const struct discover_options *options, struct err *err);

/*
 * The same question about one file that was named, which may be a link.  -1
 * when it cannot be read.
 */
int discover_is_database(
    const char *path, bool *ret_is, struct stat *ret_st, struct err *err);

#endif
