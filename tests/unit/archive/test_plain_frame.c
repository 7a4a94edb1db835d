/* One content has one plain frame, and zstd reads it. */
#include "archive/plain_frame.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <zstd.h>

#include "archive/frame_split.h"
#include "archive/layout.h"

struct sample {
	uint8_t *content;
	size_t len;
	uint8_t *frame;
	size_t frame_len;
};

/* zstd's own frame gives the checksum. */
static struct sample
make_sample(size_t len)
{
	struct sample s = { .len = len, .frame_len = plain_frame_size(len) };
	size_t most = ZSTD_compressBound(len);
	uint8_t *other = malloc(most);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	s.content = malloc(len);
	s.frame = malloc(s.frame_len);
	for (size_t i = 0; i < len; i++)
		s.content[i] = (uint8_t)(i * i % 251);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size_t other_len = ZSTD_compress2(zstd, other, most, s.content, len);
	cr_assert_not(ZSTD_isError(other_len));
	plain_frame_encode(
	    s.content, len, other + other_len - FRAME_CHECKSUM_BYTES, s.frame);
	ZSTD_freeCCtx(zstd);
	free(other);
	return s;
}

static void
sample_free(struct sample *s)
{
	free(s->content);
	free(s->frame);
}

static const size_t sizes[] = { 1, 255, 256, 3072, PLAIN_BLOCK_MAX - 1,
	PLAIN_BLOCK_MAX, PLAIN_BLOCK_MAX + 1, 2 * PLAIN_BLOCK_MAX,
	FRAME_RAW_MAX };

Test(plain_frame, is_a_frame_for_zstd_and_for_us)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sample s = make_sample(sizes[i]);
		uint8_t *decoded = malloc(s.len);
		struct frame_split split;
		struct err err = { 0 };

		cr_expect_eq(
		    ZSTD_decompress(decoded, s.len, s.frame, s.frame_len),
		    s.len);
		cr_expect_eq(memcmp(decoded, s.content, s.len), 0);
		cr_expect_eq(ZSTD_findFrameCompressedSize(s.frame, s.frame_len),
		    s.frame_len);
		cr_expect(plain_frame_is(s.frame, s.frame_len, s.len));
		frame_split_begin(&split);
		while (!split.done)
			cr_assert_eq(
			    frame_split_step(&split, s.frame, &err), 0);
		cr_expect_eq(split.need, s.frame_len);
		cr_expect_eq(split.content, s.len);
		cr_expect_leq(s.frame_len, frame_stored_max());
		free(decoded);
		sample_free(&s);
	}
}

/* By hand, from RFC 8878; the checksum is XXH64's of "abc", 44bc2cf5ad770999. */
Test(plain_frame, bytes)
{
	static const uint8_t expected[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa4, 3, 0,
		0, 0, 0x19, 0, 0, 'a', 'b', 'c', 0x99, 0x09, 0x77, 0xad };
	uint8_t frame[sizeof(expected)];

	cr_assert_eq(plain_frame_size(3), sizeof(expected));
	plain_frame_encode((const uint8_t *)"abc", 3, expected + 15, frame);
	cr_expect_eq(memcmp(frame, expected, sizeof(frame)), 0);
}

/* Each bit that is not content or checksum is as it must be. */
Test(plain_frame, no_other_header)
{
	struct sample s = make_sample(PLAIN_BLOCK_MAX + 5);
	const size_t second = 9 + 3 + PLAIN_BLOCK_MAX;

	for (size_t at = 0; at < s.frame_len; at++) {
		if ((at >= 12 && at < second) || at >= second + 3)
			continue;
		for (unsigned bit = 0; bit < 8; bit++) {
			s.frame[at] ^= (uint8_t)(1 << bit);
			cr_expect_not(
			    plain_frame_is(s.frame, s.frame_len, s.len),
			    "bit %u of byte %zu", bit, at);
			s.frame[at] ^= (uint8_t)(1 << bit);
		}
	}
	cr_expect_not(plain_frame_is(s.frame, s.frame_len - 1, s.len));
	cr_expect_not(plain_frame_is(s.frame, s.frame_len, s.len - 1));
	cr_expect_not(plain_frame_is(s.frame, s.frame_len, s.len + 1));
	sample_free(&s);
}

static void
expect_valid_but_not_plain(const uint8_t *frame, size_t len)
{
	uint8_t decoded[16];

	cr_assert_eq(ZSTD_decompress(decoded, sizeof(decoded), frame, len), 3);
	cr_assert_eq(memcmp(decoded, "abc", 3), 0);
	cr_expect_not(plain_frame_is(frame, len, 3));
}

#define START 0x28, 0xb5, 0x2f, 0xfd
#define SUM 0x99, 0x09, 0x77, 0xad

/* For zstd all of these hold "abc". */
Test(plain_frame, no_other_form_of_the_same)
{
	static const uint8_t short_size[] = { START, 0x24, 3, 0x19, 0, 0, 'a',
		'b', 'c', SUM };
	static const uint8_t window[] = { START, 0x84, 0, 3, 0, 0, 0, 0x19, 0,
		0, 'a', 'b', 'c', SUM };
	static const uint8_t two_blocks[] = { START, 0xa4, 3, 0, 0, 0, 0x08, 0,
		0, 'a', 0x11, 0, 0, 'b', 'c', SUM };
	static const uint8_t empty_block[] = { START, 0xa4, 3, 0, 0, 0, 0x18, 0,
		0, 'a', 'b', 'c', 0x01, 0, 0, SUM };
	static const uint8_t repeated[] = { START, 0xa4, 3, 0, 0, 0, 0x10, 0, 0,
		'a', 'b', 0x0b, 0, 0, 'c', SUM };

	expect_valid_but_not_plain(short_size, sizeof(short_size));
	expect_valid_but_not_plain(window, sizeof(window));
	expect_valid_but_not_plain(two_blocks, sizeof(two_blocks));
	expect_valid_but_not_plain(empty_block, sizeof(empty_block));
	expect_valid_but_not_plain(repeated, sizeof(repeated));
}
