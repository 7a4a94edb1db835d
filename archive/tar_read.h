/*
 * The members of a tar stream, as strictly as our archives have them.
 *
 * In:  the tar stream in pieces (our frames), hostile.
 * Out: member after member: its name and size, then its data as pointers into
 *      the pieces, nothing copied.
 * Always true of a member that was given out: it is an ordinary file, or a
 *      sparse one, and no link; its header is the first thing in a piece and
 *      lies in it wholly; nothing lies between it and the member before.  Of
 *      its data: it comes without gaps in the stream, no span of it reaches
 *      from one piece into the next, and only after tar_reader_map() has it
 *      holes.
 * Memory: that of a header and a map of RUNS_MAX runs (a few MiB); a
 *      member's size plays no part.
 * What is wrong with the stream is ERR_DAMAGED and names the member.  An error
 * of the source is passed on as it is.  After an error only
 * tar_reader_free() may be called.
 */
#ifndef ARCHIVE_TAR_READ_H
#define ARCHIVE_TAR_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/layout.h"
#include "base/err.h"

struct tar_reader;

/* The next piece, good until the next call; *ret_len = 0 at the end. */
struct tar_source {
	int (*next)(void *ctx, const uint8_t **ret_bytes, size_t *ret_len,
	    struct err *err);
	void *ctx;
};

struct tar_member {
	/* Longer names are refused: no member of ours has one. */
	char path[MEMBER_PATH_BYTES];
	uint64_t size; /* holes included */
	uint64_t offset; /* in the tar stream: where its header ends */
	bool apart; /* no data is in its header's piece, perhaps a map */
};

struct tar_span {
	const uint8_t *bytes;
	size_t len; /* 0: the member's data is at its end */
	uint64_t offset; /* where it begins in the tar stream */
	uint64_t at; /* ... in the member */
};

/* `source` lives as long as the reader. */
int tar_reader_new(const struct tar_source *source,
    struct tar_reader **ret_reader, struct err *err);
void tar_reader_free(struct tar_reader *reader);
void tar_reader_auto(struct tar_reader **place);

/*
 * The next member, whose data of before was read to its end.  It must have the
 * path `expected`, if that is not NULL.  The end of the stream is no member
 * either: we always know how many there are.
 */
int tar_reader_member(struct tar_reader *reader, const char *expected,
    struct tar_member *ret_member, struct err *err);

/* Members begun so far. */
unsigned tar_reader_members(const struct tar_reader *reader);

/*
 * Before the first span of a member that may be sparse: its header stands
 * apart, and its map, if it has one, is as sparse_map.h demands, in whole
 * `unit`s.  *ret_runs: 1 when it is an ordinary file.
 */
int tar_reader_map(struct tar_reader *reader, uint32_t unit, uint32_t *ret_runs,
    struct err *err);

int tar_reader_span(
    struct tar_reader *reader, struct tar_span *ret_span, struct err *err);

/*
 * After the last member's data was read to its end: only zeros follow, the two
 * blocks of tar's end among them, in the same piece; and that is the last one.
 */
int tar_reader_finish(struct tar_reader *reader, struct err *err);

#endif
