/*
 * From the end of the file backwards: nine bytes of footer tell how many
 * frames there are, so where the table begins; its entries must add up to
 * exactly what lies before it.  The table is read in pieces, whatever size it
 * claims, and nothing is allocated before its number was checked.
 */
#include "archive/frame_table.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <zstd.h>

#include "archive/frame_split.h"
#include "archive/layout.h"
#include "archive/plain_frame.h"
#include "archive/seek_table.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

enum { PIECE_ENTRIES = 1 << 12 };

struct frame_table {
	int fd;
	const char *name;
	uint64_t size; /* of the file */
	uint64_t offset; /* of the seek table in it */
	uint32_t frames;

	uint32_t given; /* places given out */
	struct frame_place end; /* where the next one begins; no sizes */
	uint8_t *stored; /* a frame's; NULL until the first read */
	uint8_t *raw;
	uint8_t entries[PIECE_ENTRIES * SEEK_TABLE_ENTRY];
};

static int
measure(struct frame_table *table, struct err *err)
{
	struct stat st;

	if (fstat(table->fd, &st) < 0)
		return err_system(err, "look at '%s'", table->name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED, 0,
		    "'%s' is not a regular file, it can only be read from "
		    "front to back",
		    table->name);
	if (st.st_size == 0)
		return err_set(err, ERR_DAMAGED, 0, "the file is empty");
	table->size = (uint64_t)st.st_size;
	return 0;
}

/* All `len` bytes, of which fstat() said that they are there. */
static int
read_all(const struct frame_table *table, void *buf, size_t len,
    uint64_t offset, struct err *err)
{
	size_t got = 0;

	if (file_read_at(table->fd, buf, len, offset, table->name, &got, err) <
	    0)
		return -1;
	if (got < len)
		return err_set(err, ERR_FAILED, 0,
		    "'%s' became shorter while it was read", table->name);
	return 0;
}

static int
find_table(struct frame_table *table, struct err *err)
{
	uint8_t footer[SEEK_TABLE_FOOTER], header[SEEK_TABLE_HEADER];
	uint32_t frames = 0;

	if (table->size < sizeof(footer))
		return err_set(err, ERR_DAMAGED, 0,
		    "the file does not end in a seek table");
	if (read_all(table, footer, sizeof(footer),
		table->size - sizeof(footer), err) < 0 ||
	    seek_table_decode_footer(footer, &frames, err) < 0)
		return -1;

	uint64_t follows =
	    (uint64_t)frames * SEEK_TABLE_ENTRY + SEEK_TABLE_FOOTER;
	if (SEEK_TABLE_HEADER + follows > table->size)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table claims to have %u frames, more than fit "
		    "in the file",
		    frames);
	uint64_t offset = table->size - follows - SEEK_TABLE_HEADER;
	if (read_all(table, header, sizeof(header), offset, err) < 0)
		return -1;
	if (frame_kind(header) != FRAME_SEEK_TABLE ||
	    get_le32(header + FRAME_MAGIC_BYTES) != follows)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table does not begin where its end says, at "
		    "byte %llu",
		    (unsigned long long)offset);
	table->offset = offset;
	table->frames = frames;
	return 0;
}

int
frame_table_new(
    int fd, const char *name, struct frame_table **ret_table, struct err *err)
{
	AUTO(frame_table) struct frame_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return err_system(err, "read the seek table of '%s'", name);
	table->fd = fd;
	table->name = name;
	if (measure(table, err) < 0 || find_table(table, err) < 0)
		return -1;
	*ret_table = take_ptr(&table);
	return 0;
}

void
frame_table_free(struct frame_table *table)
{
	if (table == NULL)
		return;
	free(table->stored);
	free(table->raw);
	free(table);
}

void
frame_table_auto(struct frame_table **place)
{
	frame_table_free(*place);
}

/* Sees to it that the next entry is in memory. */
static int
read_entries(struct frame_table *table, struct err *err)
{
	uint32_t left = table->frames - table->given;
	uint64_t offset = table->offset + SEEK_TABLE_HEADER +
			  (uint64_t)table->given * SEEK_TABLE_ENTRY;

	if (table->given % PIECE_ENTRIES != 0)
		return 0;
	if (left > PIECE_ENTRIES)
		left = PIECE_ENTRIES;
	return read_all(table, table->entries, (size_t)left * SEEK_TABLE_ENTRY,
	    offset, err);
}

/* The frames so far, `stored` bytes, against where the table begins. */
static int
check_sum(
    const struct frame_table *table, uint64_t stored, bool all, struct err *err)
{
	if (all ? stored == table->offset : stored <= table->offset)
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "the frames of the seek table have %s%llu bytes, and %llu lie "
	    "before it",
	    all ? "" : "at least ", (unsigned long long)stored,
	    (unsigned long long)table->offset);
}

int
frame_table_next(struct frame_table *table, struct frame_place *ret_place,
    bool *ret_there, struct err *err)
{
	struct frame_place *end = &table->end;

	*ret_there = table->given < table->frames;
	if (!*ret_there)
		return check_sum(table, end->stored_offset, true, err);
	if (read_entries(table, err) < 0)
		return -1;
	struct seek_entry entry = seek_table_decode_entry(
	    table->entries + table->given % PIECE_ENTRIES * SEEK_TABLE_ENTRY);
	if (entry.stored == 0 || entry.stored > frame_stored_max() ||
	    entry.raw == 0 || entry.raw > FRAME_RAW_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table gives a frame %u bytes with %u bytes of "
		    "content",
		    entry.stored, entry.raw);
	*ret_place = *end;
	ret_place->stored = entry.stored;
	ret_place->raw = entry.raw;
	end->stored_offset += entry.stored;
	end->raw_offset += entry.raw;
	table->given++;
	return check_sum(table, end->stored_offset, false, err);
}

/* The bytes must be one frame that we accept, of just these sizes. */
static int
check_frame(
    const uint8_t *frame, const struct frame_place *place, struct err *err)
{
	struct frame_split split;

	frame_split_begin(&split);
	while (!split.done && split.need <= place->stored) {
		if (frame_split_step(&split, frame, err) < 0)
			return -1;
	}
	if (!split.done || split.need != place->stored ||
	    split.content != place->raw)
		return err_set(err, ERR_DAMAGED, 0,
		    "its size is not that of the seek table");
	return 0;
}

static int
decode(
    struct frame_table *table, const struct frame_place *place, struct err *err)
{
	if (check_frame(table->stored, place, err) < 0)
		return -1;
	size_t len = ZSTD_decompress(
	    table->raw, FRAME_RAW_MAX, table->stored, place->stored);
	if (ZSTD_isError(len))
		return err_set(err, ERR_DAMAGED, 0, "it cannot be decoded: %s",
		    ZSTD_getErrorName(len));
	if (len != place->raw)
		return err_set(err, ERR_DAMAGED, 0,
		    "it states %u bytes of content and holds %zu", place->raw,
		    len);
	return 0;
}

int
frame_table_read(struct frame_table *table, const struct frame_place *place,
    struct frame_content *ret_content, struct err *err)
{
	if (table->stored == NULL)
		table->stored = malloc(frame_stored_max());
	if (table->raw == NULL)
		table->raw = malloc(FRAME_RAW_MAX);
	if (table->stored == NULL || table->raw == NULL)
		return err_system(err, "read a frame of '%s'", table->name);
	if (read_all(table, table->stored, place->stored, place->stored_offset,
		err) < 0)
		return -1;
	if (decode(table, place, err) < 0)
		return err_within(err, "the frame at byte %llu",
		    (unsigned long long)place->stored_offset);
	*ret_content = (struct frame_content){
		.bytes = table->raw,
		.plain =
		    plain_frame_is(table->stored, place->stored, place->raw),
	};
	return 0;
}
