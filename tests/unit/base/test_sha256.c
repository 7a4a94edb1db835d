#include "base/sha256.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/multi_buffer.h"

static bool broken; /* the library that sums many at once */

void
__real_multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests);
void
__wrap_multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests);

/* Of many messages the last is not summed right. */
void
__wrap_multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests)
{
	__real_multi_buffer_sha256(
	    buffer, messages, len, count, digest_len, ret_digests);
	if (broken)
		ret_digests[count * digest_len - 1] ^= 1;
}

static struct sha256 *
fresh(void)
{
	struct sha256 *stream = NULL;
	struct err err = { 0 };

	cr_assert_eq(sha256_new(&stream, &err), 0, "%s", err.text);
	return stream;
}

static void
text_of(struct sha256 *stream, char ret_text[SHA256_TEXT_BYTES])
{
	uint8_t digest[SHA256_BYTES];

	sha256_finish(stream, digest);
	sha256_format(digest, ret_text);
}

/* The examples of FIPS 180-4, and nothing at all. */
Test(sha256, known_answers)
{
	static const struct {
		const char *input;
		const char *sum;
	} known[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		      "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
			 "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
	};
	AUTO(sha256) struct sha256 *stream = fresh();
	char text[SHA256_TEXT_BYTES];

	/* The same stream each time: finishing empties it. */
	for (size_t i = 0; i < 3; i++) {
		sha256_add(stream, known[i].input, strlen(known[i].input));
		text_of(stream, text);
		cr_assert_str_eq(text, known[i].sum);
	}
}

Test(sha256, pieces_are_the_whole)
{
	AUTO(sha256) struct sha256 *stream = fresh();
	char whole[SHA256_TEXT_BYTES], pieces[SHA256_TEXT_BYTES];
	uint8_t bytes[1000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	sha256_add(stream, bytes, sizeof(bytes));
	text_of(stream, whole);
	for (size_t at = 0, step = 1; at < sizeof(bytes); step += 13) {
		size_t n =
		    step < sizeof(bytes) - at ? step : sizeof(bytes) - at;

		sha256_add(stream, bytes + at, n);
		at += n;
	}
	text_of(stream, pieces);
	cr_assert_str_eq(pieces, whole);
}

Test(sha256, page_sums_are_the_first_half_of_each_page)
{
	enum { SIZE = 512, COUNT = 5 };
	AUTO(sha256) struct sha256 *stream = fresh();
	uint8_t pages[SIZE * COUNT], sums[PAGE_SUM_BYTES * COUNT + 1];
	uint8_t digest[SHA256_BYTES];

	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = (uint8_t)(i / SIZE + i);
	sums[sizeof(sums) - 1] = 0x5a;
	sha256_pages(stream, pages, SIZE, COUNT, sums);
	for (size_t i = 0; i < COUNT; i++) {
		sha256_add(stream, pages + i * SIZE, SIZE);
		sha256_finish(stream, digest);
		cr_assert_arr_eq(
		    sums + i * PAGE_SUM_BYTES, digest, PAGE_SUM_BYTES);
	}
	cr_assert_eq(sums[sizeof(sums) - 1], 0x5a);
}

/* Few and many, whole rounds of lanes and parts of one, every size there is. */
Test(sha256, any_number_of_pages_of_any_size)
{
	static const size_t counts[] = { 1, 2, 7, 8, 15, 16, 17, 63, 64, 65,
		130 };
	AUTO(sha256) struct sha256 *stream = fresh();
	AUTO(sha256) struct sha256 *one = fresh();
	enum { MOST = 130, BIGGEST = 65536 };
	AUTO(free) uint8_t *pages = malloc((size_t)MOST * BIGGEST);
	uint8_t sums[PAGE_SUM_BYTES * (MOST + 1)], digest[SHA256_BYTES];

	cr_assert_not_null(pages);
	for (size_t i = 0; i < (size_t)MOST * BIGGEST; i++)
		pages[i] = (uint8_t)(i / 509 + i * 7);
	for (size_t size = 512; size <= BIGGEST; size *= 2)
		for (size_t n = 0; n < sizeof(counts) / sizeof(*counts); n++) {
			size_t count = counts[n];

			memset(sums, 0x5a, sizeof(sums));
			sha256_pages(stream, pages, size, count, sums);
			for (size_t i = 0; i < count; i++) {
				sha256_add(one, pages + i * size, size);
				sha256_finish(one, digest);
				cr_assert_arr_eq(sums + i * PAGE_SUM_BYTES,
				    digest, PAGE_SUM_BYTES);
			}
			cr_assert_eq(sums[count * PAGE_SUM_BYTES], 0x5a);
		}
}

/* On a processor on which the library goes wrong, OpenSSL does it all. */
Test(sha256, sums_that_are_not_openssls_are_not_believed)
{
	enum { SIZE = 512, COUNT = 40 };
	AUTO(sha256) struct sha256 *stream = fresh();
	static uint8_t pages[SIZE * COUNT];
	uint8_t sums[PAGE_SUM_BYTES * COUNT], digest[SHA256_BYTES];
	struct err err = { 0 };

	broken = true;
	for (int round = 0; round < 2; round++) {
		memset(pages, round, sizeof(pages));
		sha256_pages(stream, pages, SIZE, COUNT, sums);
		cr_assert_eq(sha256_once(pages, SIZE, digest, &err), 0);
		for (size_t i = 0; i < COUNT; i++)
			cr_assert_arr_eq(
			    sums + i * PAGE_SUM_BYTES, digest, PAGE_SUM_BYTES);
	}
}

Test(sha256, text_and_back)
{
	uint8_t digest[SHA256_BYTES], again[SHA256_BYTES];
	char text[SHA256_TEXT_BYTES];
	struct err err = { 0 };

	for (size_t i = 0; i < SHA256_BYTES; i++)
		digest[i] = (uint8_t)(255 - i * 8);
	sha256_format(digest, text);
	cr_assert_eq(strlen(text), 64);
	cr_assert_eq(sha256_parse(text, again, &err), 0);
	cr_assert_arr_eq(digest, again, SHA256_BYTES);
}

Test(sha256, a_peek_tells_the_digest_and_disturbs_nothing)
{
	AUTO(sha256) struct sha256 *stream = fresh();
	AUTO(sha256) struct sha256 *other = fresh();
	uint8_t peeked[SHA256_BYTES], digest[SHA256_BYTES];

	sha256_add(stream, "ab", 2);
	sha256_peek(stream, peeked);
	sha256_add(other, "ab", 2);
	sha256_finish(other, digest);
	cr_assert_arr_eq(peeked, digest, SHA256_BYTES);

	sha256_add(stream, "c", 1);
	sha256_finish(stream, peeked);
	sha256_add(other, "abc", 3);
	sha256_finish(other, digest);
	cr_assert_arr_eq(peeked, digest, SHA256_BYTES);
}

Test(sha256, other_text_is_refused)
{
	static const char good[] = "ba7816bf8f01cfea414140de5dae2223"
				   "b00361a396177a9cb410ff61f20015ad";
	static const char bad[] = { 'g', 'A', ' ', '/', ':', '`', '\x80' };
	uint8_t digest[SHA256_BYTES] = { 0 };
	char text[SHA256_TEXT_BYTES + 1];
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(bad); i++) {
		memcpy(text, good, sizeof(good));
		text[i * 9] = bad[i];
		cr_assert_eq(sha256_parse(text, digest, &err), -1, "%s", text);
		cr_assert_eq(err.kind, ERR_DAMAGED);
	}
	memcpy(text, good, sizeof(good));
	text[63] = '\0';
	cr_assert_eq(sha256_parse(text, digest, &err), -1, "too short");
	memcpy(text, good, sizeof(good));
	memcpy(text + 64, "0", 2);
	cr_assert_eq(sha256_parse(text, digest, &err), -1, "too long");
	cr_assert_eq(sha256_parse("", digest, &err), -1);
	cr_assert_eq(digest[0], 0, "an output is set on success only");
}
