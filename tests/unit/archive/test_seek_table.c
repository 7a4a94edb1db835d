/* The table is what zstd's documentation says, however it is read. */
#include "archive/seek_table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { MANY = 1500 }; /* more than two blocks of the spill file, not whole */

static struct seek_table *
new_table(uint32_t count)
{
	struct seek_table *table = NULL;
	struct err err = { 0 };

	cr_assert_eq(seek_table_new("/tmp", &table, &err), 0, "%s", err.text);
	for (uint32_t i = 0; i < count; i++) {
		struct seek_entry entry = { .stored = i * 7 + 1, .raw = ~i };
		cr_assert_eq(seek_table_add(table, entry, &err), 0);
	}
	return table;
}

/* The whole table, read in pieces of `piece` bytes; its length. */
static size_t
encode(uint32_t count, size_t piece, uint8_t *buf, size_t size)
{
	struct seek_table *table = new_table(count);
	struct err err = { 0 };
	size_t len, used = 0;

	do {
		cr_assert_leq(used + piece, size);
		cr_assert_eq(
		    seek_table_encode(table, buf + used, piece, &len, &err), 0,
		    "%s", err.text);
		used += len;
	} while (len > 0);
	seek_table_free(table);
	return used;
}

Test(seek_table, two_frames_byte_for_byte)
{
	static const uint8_t expected[] = {
		0x5e, 0x2a, 0x4d, 0x18, /* skippable frame */
		25, 0, 0, 0, /* of two entries and the footer */
		1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, /* first */
		8, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, /* second */
		2, 0, 0, 0, /* entries */
		0, /* no checksums */
		0xb1, 0xea, 0x92, 0x8f, /* seekable format */
	};
	uint8_t buf[200];

	cr_assert_eq(encode(2, 100, buf, sizeof(buf)), sizeof(expected));
	cr_expect_eq(memcmp(buf, expected, sizeof(expected)), 0);
}

Test(seek_table, many_frames_come_back_in_order)
{
	static uint8_t buf[MANY * 32];
	size_t len = encode(MANY, 8 * MANY, buf, sizeof(buf));
	struct err err = { 0 };
	uint32_t frames = 0;

	cr_assert_eq(
	    len, SEEK_TABLE_HEADER + 8 * MANY + (size_t)SEEK_TABLE_FOOTER);
	cr_expect_eq(get_le32(buf + 4), len - 8);
	for (uint32_t i = 0; i < MANY; i++) {
		struct seek_entry entry =
		    seek_table_decode_entry(buf + 8 + 8 * i);
		cr_expect_eq(entry.stored, i * 7 + 1);
		cr_expect_eq(entry.raw, ~i);
	}
	cr_expect_eq(seek_table_decode_footer(
			 buf + len - SEEK_TABLE_FOOTER, &frames, &err),
	    0);
	cr_expect_eq(frames, MANY);
}

Test(seek_table, the_size_of_the_pieces_does_not_matter)
{
	static uint8_t whole[MANY * 32], pieces[MANY * 32];
	static const size_t sizes[] = { 1, 3, 8, 9, 17, 4096 };
	size_t len = encode(MANY, 8 * MANY, whole, sizeof(whole));

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(pieces, 0, sizeof(pieces));
		cr_expect_eq(
		    encode(MANY, sizes[i], pieces, sizeof(pieces)), len);
		cr_expect_eq(
		    memcmp(whole, pieces, len), 0, "pieces of %zu", sizes[i]);
	}
}

Test(seek_table, an_exact_block_is_whole)
{
	static uint8_t buf[512 * 32];
	size_t len = encode(512, 4096, buf, sizeof(buf));

	cr_assert_eq(len, 8 + 8 * 512 + 9);
	cr_expect_eq(
	    seek_table_decode_entry(buf + 8 * 512).stored, 511 * 7 + 1);
}

static void
footer_refused(size_t byte, uint8_t value)
{
	uint8_t footer[SEEK_TABLE_FOOTER] = { 2, 0, 0, 0, 0, 0xb1, 0xea, 0x92,
		0x8f };
	struct err err = { 0 };
	uint32_t frames = 77;

	cr_assert_eq(seek_table_decode_footer(footer, &frames, &err), 0);
	frames = 77;
	footer[byte] = value;
	cr_expect_eq(seek_table_decode_footer(footer, &frames, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_eq(frames, 77);
}

Test(seek_table, a_strange_footer_is_damage)
{
	footer_refused(0, 0); /* no frames */
	footer_refused(3, 0x08); /* 0x08000002 frames */
	footer_refused(4, 0x80); /* checksums */
	footer_refused(4, 0x04); /* a reserved bit */
	for (size_t i = 5; i < SEEK_TABLE_FOOTER; i++)
		footer_refused(i, 0);
}

Test(seek_table, a_missing_folder_is_named)
{
	struct seek_table *table = NULL;
	struct err err = { 0 };

	cr_expect_eq(seek_table_new("/nonexistent/x", &table, &err), -1);
	cr_expect(strstr(err.text, "/nonexistent/x") != NULL, "%s", err.text);
	cr_expect(table == NULL);
	seek_table_free(NULL);
}
