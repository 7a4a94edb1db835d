/*
 * libarchive keeps the map of a sparse file in memory, for as long as hostile
 * input goes on.  So while it looks for a header, and the map behind it, it
 * gets one piece and no more, and only one whose map is not too long.
 */
#include "archive/tar_pieces.h"

#include <errno.h>

#include "archive/sparse_map.h"
#include "archive/tar_header.h"

int
tar_pieces_check_map(const struct tar_pieces *pieces, struct err *err)
{
	struct tar_header header = { 0 };

	if (!tar_header_scan(pieces->at, pieces->len, &header) ||
	    !header.sparse ||
	    sparse_map_is_bounded(
		pieces->at + header.len, pieces->len - header.len))
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "member %u is sparse, and its map does not begin with a number of "
	    "runs from 1 to %d",
	    pieces->members + 1, RUNS_MAX + 1);
}

/* The next piece of the stream. */
static int
next_piece(struct tar_pieces *pieces, struct err *err)
{
	if (pieces->source.next(
		pieces->source.ctx, &pieces->at, &pieces->len, err) < 0)
		return -1;
	return pieces->in_header ? tar_pieces_check_map(pieces, err) : 0;
}

la_ssize_t
tar_pieces_take(struct archive *tar, void *ctx, const void **ret_bytes)
{
	struct tar_pieces *pieces = ctx;

	*ret_bytes = NULL;
	pieces->offset += pieces->len;
	pieces->len = 0;
	pieces->data_end = NULL;
	if (next_piece(pieces, &pieces->err) < 0) {
		archive_set_error(
		    tar, pieces->err.code, "%s", pieces->err.text);
		return -1;
	}
	if (pieces->in_header && pieces->len > 0 &&
	    pieces->header_pieces-- == 0) {
		archive_set_error(tar, EINVAL, "it is split between frames");
		return -1;
	}
	*ret_bytes = pieces->at;
	return (la_ssize_t)pieces->len;
}
