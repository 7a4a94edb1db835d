/*
 * What the library computes is what OpenSSL computes, for every number of
 * messages and every length, wherever they lie, by many threads at once, and
 * nothing is written behind it.
 */
#include "base/multi_buffer.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

enum { TAG = 16, DIGEST = 32, LENGTHS_MAX = 66000 };

static uint8_t bytes[64 * LENGTHS_MAX];
static uint8_t key[32];

static void
fill(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251 + i / 65521);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 5 + 1);
}

TestSuite(multi_buffer, .init = fill);

static struct multi_buffer *
sums_or_skip(void)
{
	struct multi_buffer *buffer = multi_buffer_new();

	if (buffer == NULL)
		cr_skip_test("built without Intel's library, or the processor "
			     "lacks what it needs");
	return buffer;
}

static struct multi_buffer_gmac *
gmac_or_skip(void)
{
	struct multi_buffer_gmac *gmac = multi_buffer_gmac_new(key);

	if (gmac == NULL)
		cr_skip_test("built without Intel's library, or the processor "
			     "lacks what it needs");
	return gmac;
}

static void
sums_right(struct multi_buffer *buffer, const uint8_t *messages, size_t len,
    size_t count, size_t digest_len)
{
	uint8_t got[300 * DIGEST + 1], must[DIGEST];

	memset(got, 0x5a, sizeof(got));
	multi_buffer_sha256(buffer, messages, len, count, digest_len, got);
	for (size_t i = 0; i < count; i++) {
		cr_assert_eq(EVP_Digest(messages + i * len, len, must, NULL,
				 EVP_sha256(), NULL),
		    1);
		cr_assert_arr_eq(got + i * digest_len, must, digest_len,
		    "%zu of %zu, of %zu bytes", i, count, len);
	}
	cr_assert_eq(got[count * digest_len], 0x5a);
}

static void
gmac_openssl(
    const uint8_t nonce[12], const void *data, size_t len, uint8_t ret_tag[TAG])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nothing[TAG];
	int unused = 0;

	cr_assert_eq(
	    EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce), 1);
	cr_assert_eq(EVP_EncryptUpdate(ctx, NULL, &unused, data, (int)len), 1);
	cr_assert_eq(EVP_EncryptFinal_ex(ctx, nothing, &unused), 1);
	cr_assert_eq(
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, ret_tag), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static bool
is_gmac(struct multi_buffer_gmac *gmac, const uint8_t nonce[12],
    const void *data, size_t len)
{
	uint8_t got[TAG + 1], must[TAG];

	got[TAG] = 0x5a;
	multi_buffer_gmac(gmac, nonce, data, len, got);
	gmac_openssl(nonce, data, len, must);
	return memcmp(got, must, TAG) == 0 && got[TAG] == 0x5a;
}

/* Lanes that are full, half full, and more rounds than go under way at once. */
Test(multi_buffer, sums_of_any_number_of_messages)
{
	struct multi_buffer *buffer = sums_or_skip();

	for (size_t count = 0; count <= 300; count++)
		sums_right(buffer, bytes, 512, count, 16);
	multi_buffer_free(buffer);
}

/* Where the padding makes a block more, and where the library's lengths end. */
Test(multi_buffer, sums_of_any_length)
{
	static const size_t lengths[] = { 1, 54, 55, 56, 63, 64, 65, 119, 120,
		4095, 4096, 32768, 65472, 65473, 65533, MULTI_BUFFER_LONGEST };
	struct multi_buffer *buffer = sums_or_skip();

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		sums_right(buffer, bytes, lengths[i], 37, DIGEST);
	multi_buffer_free(buffer);
}

Test(multi_buffer, messages_to_sum_lie_anywhere)
{
	struct multi_buffer *buffer = sums_or_skip();

	for (size_t at = 0; at < 64; at++)
		sums_right(buffer, bytes + at, 1024, 20, 1 + at % DIGEST);
	multi_buffer_free(buffer);
}

Test(multi_buffer, messages_to_tag_lie_anywhere)
{
	struct multi_buffer_gmac *gmac = gmac_or_skip();

	for (size_t at = 0; at < 64; at++)
		cr_assert(is_gmac(gmac, bytes + at, bytes + at, 4096));
	multi_buffer_gmac_free(gmac);
}

Test(multi_buffer, gmac_of_any_length)
{
	struct multi_buffer_gmac *gmac = gmac_or_skip();

	for (size_t len = 1; len <= 2100; len++)
		cr_assert(is_gmac(gmac, bytes + len, bytes, len), "%zu", len);
	for (size_t len = 4096; len <= 65536; len *= 2)
		cr_assert(is_gmac(gmac, bytes + len, bytes, len), "%zu", len);
	multi_buffer_gmac_free(gmac);
}

/* Each with a key of its own; the library's functions are everybody's. */
struct by_thread {
	struct task task;
	bool right;
};

static void
tag_and_sum(struct task *task)
{
	struct by_thread *by = (struct by_thread *)task;
	struct multi_buffer_gmac *gmac = multi_buffer_gmac_new(key);
	struct multi_buffer *buffer = multi_buffer_new();
	uint8_t got[40 * DIGEST], must[DIGEST];

	by->right = gmac != NULL && buffer != NULL;
	for (size_t i = 0; by->right && i < 2000; i++)
		by->right = is_gmac(gmac, bytes + i, bytes + i * 17, 4096);
	for (size_t i = 0; by->right && i < 200; i++) {
		multi_buffer_sha256(buffer, bytes + i, 1024, 40, DIGEST, got);
		(void)EVP_Digest(bytes + i + 39 * 1024, 1024, must, NULL,
		    EVP_sha256(), NULL);
		by->right = memcmp(got + 39 * DIGEST, must, sizeof(must)) == 0;
	}
	multi_buffer_free(buffer);
	multi_buffer_gmac_free(gmac);
}

Test(multi_buffer, threads_do_not_disturb_each_other)
{
	struct by_thread by[4] = { 0 };
	struct pool *pool = NULL;
	struct err err = { 0 };

	/* There may be sums without GMAC. */
	multi_buffer_gmac_free(gmac_or_skip());
	cr_assert_eq(pool_new(4, POOL_EQUAL, &pool, &err), 0, "%s", err.text);
	for (size_t i = 0; i < 4; i++) {
		by[i].task.run = tag_and_sum;
		pool_submit(pool, &by[i].task);
	}
	pool_free(pool);
	for (size_t i = 0; i < 4; i++)
		cr_expect(by[i].right, "thread %zu", i);
}

/* Two keys in turn: nothing of a call is left for the next. */
Test(multi_buffer, a_key_has_its_own_tags)
{
	struct multi_buffer_gmac *gmac = gmac_or_skip();
	uint8_t one[TAG], two[TAG];

	key[31] ^= 1;
	struct multi_buffer_gmac *other = multi_buffer_gmac_new(key);
	cr_assert_not_null(other);
	cr_expect(is_gmac(other, bytes, bytes, 4096));
	key[31] ^= 1;
	cr_expect(is_gmac(gmac, bytes, bytes, 4096));
	multi_buffer_gmac(gmac, bytes, bytes, 4096, one);
	multi_buffer_gmac(other, bytes, bytes, 4096, two);
	cr_expect_neq(memcmp(one, two, TAG), 0);
	multi_buffer_gmac_free(other);
	multi_buffer_gmac_free(gmac);
}

Test(multi_buffer, nothing_is_freed_well)
{
	multi_buffer_free(NULL);
	multi_buffer_gmac_free(NULL);
}
