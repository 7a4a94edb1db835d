/*
 * A tar stream in the pieces in which libarchive is fed with it, and where in
 * the newest one its reader is.
 *
 * For tar_read.c only.
 */
#ifndef ARCHIVE_TAR_PIECES_H
#define ARCHIVE_TAR_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>

#include "archive/tar_read.h"
#include "base/err.h"

struct tar_pieces {
	struct tar_source source;

	const uint8_t *at; /* the newest one */
	size_t len;
	uint64_t offset; /* in the tar stream */
	bool in_header; /* libarchive is looking for one, and for a map */
	unsigned header_pieces; /* so many it may have for that */
	unsigned members; /* whose headers were read */
	const uint8_t
	    *data_end; /* of what was given out; NULL: at its beginning */

	/* What tar_pieces_take() found; libarchive cannot carry it. */
	struct err err;
};

/* libarchive's archive_read_callback; `ctx` is the struct. */
la_ssize_t
tar_pieces_take(struct archive *tar, void *ctx, const void **ret_bytes);

/*
 * The newest piece begins with a header that libarchive has not seen yet:
 * ERR_DAMAGED when a map behind it is too long.  What is wrong with it
 * otherwise is said later.
 */
int tar_pieces_check_map(const struct tar_pieces *pieces, struct err *err);

#endif
