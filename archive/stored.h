/*
 * The stored bytes of an archive, taken in order from a file or a pipe and
 * counted; and their end.
 */
#ifndef ARCHIVE_STORED_H
#define ARCHIVE_STORED_H

#include <stddef.h>
#include <stdint.h>

#include "archive/seek_table.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/work.h"

struct stored {
	int fd;
	const char *name; /* for errors of the system */
	struct work *work; /* gets the bytes as done; may be NULL */
	uint64_t offset; /* bytes taken so far */
};

/* The next bytes; *ret_got < len only where they end. */
int stored_take(struct stored *stored, void *buf, size_t len, size_t *ret_got,
    struct err *err);

/*
 * What remains must be `table`, of which the first `taken` bytes were taken
 * and looked at already, and nothing behind it; else ERR_DAMAGED.  All of the
 * table is added to `sha256`.
 */
int stored_finish(struct stored *stored, struct seek_table *table, size_t taken,
    struct sha256 *sha256, struct err *err);

#endif
