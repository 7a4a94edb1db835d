/*
 * The seek table of zstd's seekable format: one entry of two 32-bit numbers
 * for every frame, then a footer, in a skippable frame.
 *
 * In:  the sizes of the frames, in order.
 * Out: the bytes of the table.  Always true: the table of N frames is
 * 8 + 8N + 9 bytes.  The list of a large archive rests in an unlinked file,
 * not on the heap.
 */
#ifndef ARCHIVE_SEEK_TABLE_H
#define ARCHIVE_SEEK_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	SEEK_TABLE_HEADER = 8,
	SEEK_TABLE_ENTRY = 8,
	SEEK_TABLE_FOOTER = 9,
	/* The seekable format's own limit. */
	SEEK_TABLE_FRAMES_MAX = 0x8000000,
};

struct seek_entry {
	uint32_t stored; /* bytes of the frame in the file */
	uint32_t raw; /* bytes of the tar stream in it */
};

struct seek_table;

/* An empty table; its spill file is made in `folder`. */
int seek_table_new(
    const char *folder, struct seek_table **ret_table, struct err *err);
void seek_table_free(struct seek_table *table);
void seek_table_auto(struct seek_table **place);

int seek_table_add(
    struct seek_table *table, struct seek_entry entry, struct err *err);

/*
 * Reads the whole encoded table from its beginning, piece by piece: up to
 * `size` bytes into buf, *ret_len = 0 at the end.  After the first call
 * nothing more is added.  Both the writer (to store it) and the reader (to
 * compare it with what is stored) use this, so both agree byte for byte.
 */
int seek_table_encode(struct seek_table *table, void *buf, size_t size,
    size_t *ret_len, struct err *err);

/* The last nine bytes of an archive: how many frames; else ERR_DAMAGED. */
int seek_table_decode_footer(const uint8_t footer[SEEK_TABLE_FOOTER],
    uint32_t *ret_frames, struct err *err);

/* One entry of 8 bytes. */
struct seek_entry
seek_table_decode_entry(const uint8_t bytes[SEEK_TABLE_ENTRY]);

#endif
