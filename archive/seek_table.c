/*
 * Entries are encoded as they come and gathered in a small block; full blocks
 * go to an unlinked file.  So a table of a million frames costs 4 KiB of
 * memory, and encoding is copying: header, file, footer.
 *
 * Numbers: zstd_seekable_compression_format.md of zstd's contrib folder.
 */
#include "archive/seek_table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

static const uint32_t skippable_magic = 0x184d2a5e;
static const uint32_t seekable_magic = 0x8f92eab1;

/* The descriptor byte: bit 7 would announce checksums in the entries. */
static const uint8_t no_checksums = 0;

enum { BLOCK_ENTRIES = 512 };

struct seek_table {
	int fd;
	uint32_t count; /* entries in all */
	bool encoding; /* the first seek_table_encode() was called */
	uint64_t encoded; /* bytes of the table already given out */
	uint8_t block[BLOCK_ENTRIES * SEEK_TABLE_ENTRY]; /* the newest */
};

static const char spill_name[] = "the seek table's scratch file";

int
seek_table_new(
    const char *folder, struct seek_table **ret_table, struct err *err)
{
	AUTO(seek_table) struct seek_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return err_system(err, "begin a seek table");
	table->fd = -1;
	if (file_scratch(folder, &table->fd, err) < 0)
		return -1;
	*ret_table = take_ptr(&table);
	return 0;
}

void
seek_table_free(struct seek_table *table)
{
	if (table == NULL)
		return;
	fd_auto(&table->fd);
	free(table);
}

void
seek_table_auto(struct seek_table **place)
{
	seek_table_free(*place);
}

/* Writes the newest `entries` entries, which lie in the block. */
static int
spill(struct seek_table *table, uint32_t entries, struct err *err)
{
	uint64_t first = table->count - entries;

	return file_write_at(table->fd, table->block,
	    (size_t)entries * SEEK_TABLE_ENTRY, first * SEEK_TABLE_ENTRY,
	    spill_name, err);
}

int
seek_table_add(
    struct seek_table *table, struct seek_entry entry, struct err *err)
{
	assert(!table->encoding);
	if (table->count == SEEK_TABLE_FRAMES_MAX)
		return err_set(err, ERR_FAILED, 0,
		    "the archive would have more than %d frames, the limit of "
		    "zstd's seekable format",
		    SEEK_TABLE_FRAMES_MAX);

	uint8_t *place =
	    table->block + table->count % BLOCK_ENTRIES * SEEK_TABLE_ENTRY;
	put_le32(place, entry.stored);
	put_le32(place + 4, entry.raw);
	table->count++;
	if (table->count % BLOCK_ENTRIES == 0)
		return spill(table, BLOCK_ENTRIES, err);
	return 0;
}

/* Copies from a part of the table that rests in memory. */
static size_t
copy_part(const uint8_t *part, size_t part_size, uint64_t offset, uint8_t *buf,
    size_t size)
{
	size_t len = part_size - (size_t)offset;

	if (len > size)
		len = size;
	memcpy(buf, part + offset, len);
	return len;
}

static size_t
encode_header(
    const struct seek_table *table, uint64_t offset, uint8_t *buf, size_t size)
{
	uint8_t header[SEEK_TABLE_HEADER];

	put_le32(header, skippable_magic);
	put_le32(header + 4,
	    table->count * SEEK_TABLE_ENTRY + (uint32_t)SEEK_TABLE_FOOTER);
	return copy_part(header, sizeof(header), offset, buf, size);
}

static size_t
encode_footer(
    const struct seek_table *table, uint64_t offset, uint8_t *buf, size_t size)
{
	uint8_t footer[SEEK_TABLE_FOOTER];

	put_le32(footer, table->count);
	footer[4] = no_checksums;
	put_le32(footer + 5, seekable_magic);
	return copy_part(footer, sizeof(footer), offset, buf, size);
}

/* Up to `size` bytes of the table from byte `at` of it; never 0 before its
 * end. */
static int
encode_some(struct seek_table *table, uint64_t at, uint8_t *buf, size_t size,
    size_t *ret_len, struct err *err)
{
	uint64_t entries_end =
	    SEEK_TABLE_HEADER + (uint64_t)table->count * SEEK_TABLE_ENTRY;

	if (at < SEEK_TABLE_HEADER) {
		*ret_len = encode_header(table, at, buf, size);
		return 0;
	}
	if (at >= entries_end) {
		*ret_len = encode_footer(table, at - entries_end, buf, size);
		return 0;
	}
	if (size > entries_end - at)
		size = (size_t)(entries_end - at);
	if (file_read_at(table->fd, buf, size, at - SEEK_TABLE_HEADER,
		spill_name, ret_len, err) < 0)
		return -1;
	if (*ret_len != size)
		return err_set(err, ERR_FAILED, 0,
		    "%s became shorter while it was in use", spill_name);
	return 0;
}

int
seek_table_encode(struct seek_table *table, void *buf, size_t size,
    size_t *ret_len, struct err *err)
{
	uint64_t end = SEEK_TABLE_HEADER +
		       (uint64_t)table->count * SEEK_TABLE_ENTRY +
		       SEEK_TABLE_FOOTER;
	size_t done = 0;

	assert(size > 0);
	if (!table->encoding) {
		if (spill(table, table->count % BLOCK_ENTRIES, err) < 0)
			return -1;
		table->encoding = true;
	}
	while (done < size && table->encoded < end) {
		size_t len = 0;

		if (encode_some(table, table->encoded, (uint8_t *)buf + done,
			size - done, &len, err) < 0)
			return -1;
		table->encoded += len;
		done += len;
	}
	*ret_len = done;
	return 0;
}

int
seek_table_decode_footer(const uint8_t footer[SEEK_TABLE_FOOTER],
    uint32_t *ret_frames, struct err *err)
{
	uint32_t frames = get_le32(footer);

	if (get_le32(footer + 5) != seekable_magic)
		return err_set(err, ERR_DAMAGED, 0,
		    "the file does not end in a seek table");
	if (footer[4] != no_checksums)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table has the descriptor 0x%02x instead of 0x%02x",
		    footer[4], no_checksums);
	if (frames == 0 || frames > SEEK_TABLE_FRAMES_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "the seek table claims to have %u frames", frames);
	*ret_frames = frames;
	return 0;
}

struct seek_entry
seek_table_decode_entry(const uint8_t bytes[SEEK_TABLE_ENTRY])
{
	return (struct seek_entry){
		.stored = get_le32(bytes),
		.raw = get_le32(bytes + 4),
	};
}
