/*
 * From the end of the file backwards: nine bytes of footer tell how many
 * frames there are, so where the table begins; its entries must add up to
 * exactly what lies before it; the last of them leads to the last frame.  The
 * table is read in pieces, whatever size it claims, and nothing is allocated
 * before its number was checked.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include <zstd.h>

#include "archive/frame_read.h"
#include "archive/frame_split.h"
#include "archive/plain_frame.h"
#include "archive/seek_table.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

enum { PIECE = 1 << 16 };
_Static_assert(PIECE % SEEK_TABLE_ENTRY == 0, "pieces hold whole entries");

struct file {
	int fd;
	const char *name;
	uint64_t size;
};

/* Where the seek table begins, and how many frames it lists. */
struct place {
	uint64_t offset;
	uint32_t frames;
};

static int
measure(struct file *file, struct err *err)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0)
		return err_system(err, "look at '%s'", file->name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED, 0,
		    "'%s' is not a regular file, it can only be read from "
		    "front to back",
		    file->name);
	if (st.st_size == 0)
		return err_set(err, ERR_DAMAGED, 0, "the file is empty");
	file->size = (uint64_t)st.st_size;
	return 0;
}

/* All `len` bytes, of which fstat() said that they are there. */
static int
read_all(const struct file *file, void *buf, size_t len, uint64_t offset,
    struct err *err)
{
	size_t got = 0;

	if (file_read_at(file->fd, buf, len, offset, file->name, &got, err) < 0)
		return -1;
	if (got < len)
		return err_set(err, ERR_FAILED, 0,
		    "'%s' became shorter while it was read", file->name);
	return 0;
}

static int
find_table(const struct file *file, struct place *ret_place, struct err *err)
{
	uint8_t footer[SEEK_TABLE_FOOTER], header[SEEK_TABLE_HEADER];
	uint32_t frames = 0;

	if (file->size < sizeof(footer))
		return err_set(err, ERR_DAMAGED, 0,
		    "the file does not end in a seek table");
	if (read_all(file, footer, sizeof(footer), file->size - sizeof(footer),
		err) < 0 ||
	    seek_table_decode_footer(footer, &frames, err) < 0)
		return -1;

	uint64_t follows =
	    (uint64_t)frames * SEEK_TABLE_ENTRY + SEEK_TABLE_FOOTER;
	if (SEEK_TABLE_HEADER + follows > file->size)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table claims to have %u frames, more than fit "
		    "in the file",
		    frames);
	uint64_t offset = file->size - follows - SEEK_TABLE_HEADER;
	if (read_all(file, header, sizeof(header), offset, err) < 0)
		return -1;
	if (frame_kind(header) != FRAME_SEEK_TABLE ||
	    get_le32(header + FRAME_MAGIC_BYTES) != follows)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table does not begin where its end says, at "
		    "byte %llu",
		    (unsigned long long)offset);
	*ret_place = (struct place){ .offset = offset, .frames = frames };
	return 0;
}

/* What the entries say of all frames together. */
struct totals {
	uint64_t stored;
	uint64_t raw;
};

/* Adds an entry, which must tell of a frame that we would accept. */
static int
add_entry(struct totals *totals, struct seek_entry entry, struct err *err)
{
	if (entry.stored == 0 || entry.stored > frame_stored_max() ||
	    entry.raw == 0 || entry.raw > FRAME_RAW_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table gives a frame %u bytes with %u bytes of "
		    "content",
		    entry.stored, entry.raw);
	totals->stored += entry.stored;
	totals->raw += entry.raw;
	return 0;
}

/* Adds up the entries; the last one is what we came for. */
static int
sum_entries(const struct file *file, const struct place *table,
    struct totals *ret_totals, struct seek_entry *ret_last, struct err *err)
{
	AUTO(free) uint8_t *piece = malloc(PIECE);
	uint64_t at = table->offset + SEEK_TABLE_HEADER;
	uint64_t left = (uint64_t)table->frames * SEEK_TABLE_ENTRY;
	struct totals totals = { 0 };

	if (piece == NULL)
		return err_system(
		    err, "read the seek table of '%s'", file->name);
	while (left > 0) {
		size_t len = left < PIECE ? (size_t)left : PIECE;

		if (read_all(file, piece, len, at, err) < 0)
			return -1;
		for (size_t i = 0; i < len; i += SEEK_TABLE_ENTRY) {
			*ret_last = seek_table_decode_entry(piece + i);
			if (add_entry(&totals, *ret_last, err) < 0)
				return -1;
		}
		at += len;
		left -= len;
	}
	*ret_totals = totals;
	return 0;
}

static int
find_last(const struct file *file, struct seek_entry *ret_entry,
    struct frame_last *ret_last, struct err *err)
{
	struct place table = { 0 };
	struct seek_entry last = { 0 };
	struct totals totals = { 0 };

	if (find_table(file, &table, err) < 0 ||
	    sum_entries(file, &table, &totals, &last, err) < 0)
		return -1;
	if (totals.stored != table.offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "the frames of the seek table have %llu bytes, and %llu "
		    "lie before it",
		    (unsigned long long)totals.stored,
		    (unsigned long long)table.offset);
	*ret_entry = last;
	ret_last->len = last.raw;
	ret_last->stored_offset = totals.stored - last.stored;
	ret_last->raw_offset = totals.raw - last.raw;
	return 0;
}

/* The bytes must be one plain frame that we accept, of just this size. */
static int
check_frame(const uint8_t *frame, struct seek_entry entry, struct err *err)
{
	struct frame_split split;

	frame_split_begin(&split);
	while (!split.done && split.need <= entry.stored) {
		if (frame_split_step(&split, frame, err) < 0)
			return -1;
	}
	if (!split.done || split.need != entry.stored ||
	    split.content != entry.raw)
		return err_set(err, ERR_DAMAGED, 0,
		    "its size is not that of the seek table");
	if (!plain_frame_is(frame, entry.stored, entry.raw))
		return err_set(err, ERR_DAMAGED, 0,
		    "it is not stored raw, as the format demands of the last "
		    "one");
	return 0;
}

static int
decode(const uint8_t *stored, struct seek_entry entry, uint8_t **ret_bytes,
    struct err *err)
{
	if (check_frame(stored, entry, err) < 0)
		return -1;
	AUTO(free) uint8_t *bytes = malloc(entry.raw);
	if (bytes == NULL)
		return err_system(err, "decode it");
	size_t len = ZSTD_decompress(bytes, entry.raw, stored, entry.stored);
	if (ZSTD_isError(len))
		return err_set(err, ERR_DAMAGED, 0, "it cannot be decoded: %s",
		    ZSTD_getErrorName(len));
	if (len != entry.raw)
		return err_set(err, ERR_DAMAGED, 0,
		    "it states %u bytes of content and holds %zu", entry.raw,
		    len);
	*ret_bytes = take_ptr(&bytes);
	return 0;
}

int
frame_read_last(
    int fd, const char *name, struct frame_last *ret_last, struct err *err)
{
	struct file file = { .fd = fd, .name = name };
	struct frame_last last = { 0 };
	struct seek_entry entry = { 0 };

	if (measure(&file, err) < 0 || find_last(&file, &entry, &last, err) < 0)
		return -1;
	AUTO(free) uint8_t *stored = malloc(entry.stored);
	if (stored == NULL)
		return err_system(err, "read the last frame of '%s'", name);
	if (read_all(&file, stored, entry.stored, last.stored_offset, err) < 0)
		return -1;
	if (decode(stored, entry, &last.bytes, err) < 0)
		return err_within(err, "the last frame, at byte %llu",
		    (unsigned long long)last.stored_offset);
	*ret_last = last;
	return 0;
}
