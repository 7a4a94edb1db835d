#include "archive/frame_split.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <zstd.h>

#include "archive/layout.h"

/* Gives the frame piece by piece, as much as is asked for. */
static int
split_all(const uint8_t *frame, size_t len, struct frame_split *split,
    struct err *err)
{
	frame_split_begin(split);
	while (!split->done) {
		cr_assert_leq(split->need, len, "asks for too much");
		if (frame_split_step(split, frame, err) < 0)
			return -1;
	}
	return 0;
}

static void
expect_refused(const uint8_t *frame, size_t len, const char *words)
{
	/* Room for whatever is asked for, so that only the rule decides. */
	uint8_t *padded = calloc(1, frame_stored_max());
	struct frame_split split;
	struct err err = { 0 };

	memcpy(padded, frame, len);
	cr_assert_eq(split_all(padded, frame_stored_max(), &split, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(err.text, words), "%s", err.text);
	free(padded);
}

/* The end is where zstd says it is, for frames of all shapes. */
Test(frame_split, agrees_with_zstd)
{
	static const size_t sizes[] = { 1, 255, 256, 257, 65791, 65792, 131072,
		131073, FRAME_IMAGE_BYTES, FRAME_RAW_MAX };
	uint8_t *raw = malloc(FRAME_RAW_MAX), *stored;
	size_t most = frame_stored_max();
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	stored = malloc(most);
	for (unsigned kind = 0; kind < 3; kind++) {
		/* Repeated bytes, noise, and something between. */
		uint32_t x = 1;
		for (size_t i = 0; i < FRAME_RAW_MAX; i++) {
			x = x * 1664525 + 1013904223;
			raw[i] = kind == 0   ? 'a'
				 : kind == 1 ? (uint8_t)(x >> 24)
					     : (uint8_t)(x >> 30);
		}
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct frame_split split;
			struct err err = { 0 };

			(void)ZSTD_CCtx_setParameter(
			    zstd, ZSTD_c_checksumFlag, 1);
			(void)ZSTD_CCtx_setParameter(
			    zstd, ZSTD_c_compressionLevel, (int)i % 4 * 6 + 1);
			size_t len =
			    ZSTD_compress2(zstd, stored, most, raw, sizes[i]);
			cr_assert_not(ZSTD_isError(len));
			cr_assert_eq(split_all(stored, len, &split, &err), 0,
			    "%s", err.text);
			cr_expect_eq(split.need, len);
			cr_expect_eq(split.content, sizes[i]);
			cr_expect_eq(
			    ZSTD_findFrameCompressedSize(stored, most), len);
		}
	}
	ZSTD_freeCCtx(zstd);
	free(raw);
	free(stored);
}

/* Magic number, then a descriptor and what follows it. */
#define FRAME(...) \
	(const uint8_t[]) \
	{ \
		0x28, 0xb5, 0x2f, 0xfd, __VA_ARGS__ \
	}
#define REFUSED(words, ...) \
	expect_refused(FRAME(__VA_ARGS__), sizeof(FRAME(__VA_ARGS__)), words)

Test(frame_split, refuses_headers_that_are_not_ours)
{
	expect_refused((const uint8_t *)"\x50\x2a\x4d\x18\0", 5,
	    "no zstd frame begins here");
	REFUSED("reserved bit", 0x2c, 1);
	REFUSED("reserved bit", 0x34, 1);
	REFUSED("dictionary", 0x25, 1);
	REFUSED("dictionary", 0x27, 1);
	REFUSED("does not state its content size", 0x04, 0x50);
	REFUSED("no checksum", 0x20, 1);
	REFUSED("content size is 0 bytes", 0x24, 0);
	/* One more than FRAME_RAW_MAX, in four and in eight bytes. */
	REFUSED("content size is 2162689", 0xa4, 1, 0, 0x21, 0);
	REFUSED("content size is 18446744073709551615", 0xe4, 255, 255, 255,
	    255, 255, 255, 255, 255);
	/* Windows: 2^22 is allowed, then 2^22 + 2^19 and the largest. */
	REFUSED("reserved type", 0x84, 0x60, 1, 0, 0, 0, 0x07, 0, 0);
	REFUSED("window is 4718592", 0x84, 0x61, 1, 0, 0, 0);
	REFUSED("window is 4123168604160", 0x84, 0xff, 1, 0, 0, 0);
}

Test(frame_split, refuses_blocks_without_end)
{
	REFUSED("reserved type", 0x24, 1, 0x07, 0, 0);
	REFUSED("larger than 128 KiB", 0x24, 1, 0xf9, 0xff, 0xff);
	REFUSED("larger than 128 KiB", 0x24, 1, 0x09, 0x00, 0x10);
	/* Padded with zeros: empty raw blocks, none of which is the last. */
	REFUSED("longer than any frame", 0x24, 1);
}

Test(frame_split, tells_the_seek_table_from_other_frames)
{
	cr_expect_eq(
	    frame_kind((const uint8_t *)"\x28\xb5\x2f\xfd"), FRAME_ZSTD);
	cr_expect_eq(
	    frame_kind((const uint8_t *)"\x5e\x2a\x4d\x18"), FRAME_SEEK_TABLE);
	cr_expect_eq(
	    frame_kind((const uint8_t *)"\x5f\x2a\x4d\x18"), FRAME_OTHER);
	cr_expect_eq(
	    frame_kind((const uint8_t *)"\x1f\x8b\x08\0"), FRAME_OTHER);
}
