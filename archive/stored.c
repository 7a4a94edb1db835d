/*
 * The seek table is not decoded here.  It follows from the frames that were
 * read, so it is made once more and compared with what is stored, byte for
 * byte and piece by piece, whatever length it claims.
 */
#include "archive/stored.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"

enum { PIECE = 1 << 16 };

int
stored_take(struct stored *stored, void *buf, size_t len, size_t *ret_got,
    struct err *err)
{
	if (file_read(stored->fd, buf, len, stored->name, stored->work, ret_got,
		err) < 0)
		return -1;
	stored->offset += *ret_got;
	if (stored->work != NULL)
		work_add(stored->work, *ret_got);
	return 0;
}

/* The next `len` bytes must be these. */
static int
compare(struct stored *stored, const uint8_t *expected, uint8_t *piece,
    size_t len, struct err *err)
{
	uint64_t at = stored->offset;
	size_t got = 0, same = 0;

	if (stored_take(stored, piece, len, &got, err) < 0)
		return -1;
	while (same < got && piece[same] == expected[same])
		same++;
	if (same < got)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table does not agree with the frames, at byte "
		    "%llu",
		    (unsigned long long)(at + same));
	if (got < len)
		return err_set(err, ERR_DAMAGED, 0,
		    "the file ends in the middle of the seek table, after "
		    "%llu bytes",
		    (unsigned long long)stored->offset);
	return 0;
}

static int
expect_end(struct stored *stored, struct err *err)
{
	uint64_t end = stored->offset;
	uint8_t byte;
	size_t got = 0;

	if (stored_take(stored, &byte, 1, &got, err) < 0)
		return -1;
	if (got > 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "something follows the seek table, at byte %llu",
		    (unsigned long long)end);
	return 0;
}

int
stored_finish(struct stored *stored, struct seek_table *table, size_t taken,
    struct sha256 *sha256, struct err *err)
{
	AUTO(free) uint8_t *expected = malloc(PIECE);
	AUTO(free) uint8_t *piece = malloc(PIECE);
	size_t len = 0;

	if (expected == NULL || piece == NULL)
		return err_system(err, "compare the seek table");
	if (seek_table_encode(table, expected, taken, &len, err) < 0)
		return -1;
	assert(len == taken);
	sha256_add(sha256, expected, len);
	do {
		if (seek_table_encode(table, expected, PIECE, &len, err) < 0 ||
		    compare(stored, expected, piece, len, err) < 0)
			return -1;
		sha256_add(sha256, expected, len);
	} while (len > 0);
	return expect_end(stored, err);
}
