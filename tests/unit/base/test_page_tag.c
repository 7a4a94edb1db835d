/*
 * The tag is the GMAC that OpenSSL's own MAC interface makes, and each bit of
 * the page, its number and the key has a part in it.
 */
#include "base/page_tag.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/multi_buffer.h"

enum { PAGE = 4096, COUNT = 5 };

static uint8_t key[PAGE_TAG_KEY_BYTES];
static uint8_t pages[COUNT * PAGE];

static void
fill(void)
{
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 11 + 3);
	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = (uint8_t)(i * 31 + i / 999);
}

static bool broken; /* the library that tags faster */

void __real_multi_buffer_gmac(struct multi_buffer_gmac *gmac,
    const uint8_t nonce[12], const void *bytes, size_t len,
    uint8_t ret_tag[16]);
void __wrap_multi_buffer_gmac(struct multi_buffer_gmac *gmac,
    const uint8_t nonce[12], const void *bytes, size_t len,
    uint8_t ret_tag[16]);

/* Long pages are not read to their end. */
void
__wrap_multi_buffer_gmac(struct multi_buffer_gmac *gmac,
    const uint8_t nonce[12], const void *bytes, size_t len, uint8_t ret_tag[16])
{
	__real_multi_buffer_gmac(
	    gmac, nonce, bytes, broken && len > 2048 ? 2048 : len, ret_tag);
}

TestSuite(page_tag, .init = fill);

static struct tagger *
tagger_of(const uint8_t *with)
{
	struct tagger *tagger = NULL;
	struct err err = { 0 };

	cr_assert_eq(tagger_new(with, &tagger, &err), 0, "%s", err.text);
	return tagger;
}

static void
gmac(uint32_t nonce, const uint8_t *bytes, size_t len, uint8_t ret_tag[16])
{
	uint8_t iv[12] = { 0 };
	char cipher[] = "AES-256-GCM";
	size_t got = 0;

	put_le32(iv, nonce);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_octet_string(
		    OSSL_MAC_PARAM_IV, iv, sizeof(iv)),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "GMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	cr_assert_eq(EVP_MAC_init(ctx, key, sizeof(key), params), 1);
	cr_assert_eq(EVP_MAC_update(ctx, bytes, len), 1);
	cr_assert_eq(EVP_MAC_final(ctx, ret_tag, &got, 16), 1);
	cr_assert_eq(got, 16u);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

/* NIST's test case 13 for AES-256: nothing at all, under a key of zeros. */
Test(page_tag, a_known_answer)
{
	static const uint8_t zeros[PAGE_TAG_KEY_BYTES];
	static const uint8_t known[] = { 0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45,
		0x36, 0xb9, 0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b };
	AUTO(tagger) struct tagger *tagger = tagger_of(zeros);
	uint8_t tag[PAGE_TAG_BYTES];

	tagger_begin(tagger, 0);
	tagger_finish(tagger, tag);
	cr_expect_arr_eq(tag, known, sizeof(known));
}

Test(page_tag, is_the_gmac_of_page_and_number)
{
	AUTO(tagger) struct tagger *tagger = tagger_of(key);
	uint8_t tags[COUNT * PAGE_TAG_BYTES], must[PAGE_TAG_BYTES];

	tagger_pages(tagger, 0xfffffff0, pages, PAGE, COUNT, tags);
	for (uint32_t i = 0; i < COUNT; i++) {
		gmac(0xfffffff0 + i, pages + i * PAGE, PAGE, must);
		cr_expect_arr_eq(tags + i * PAGE_TAG_BYTES, must, sizeof(must));
	}
}

Test(page_tag, of_every_page_size)
{
	AUTO(tagger) struct tagger *tagger = tagger_of(key);
	static uint8_t large[2 * 65536];
	uint8_t tags[2 * PAGE_TAG_BYTES], must[PAGE_TAG_BYTES];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 13 + i / 777);
	for (size_t size = 512; size <= 65536; size *= 2) {
		tagger_pages(tagger, 41, large, size, 2, tags);
		gmac(41, large, size, must);
		cr_assert_arr_eq(tags, must, sizeof(must));
		gmac(42, large + size, size, must);
		cr_assert_arr_eq(tags + PAGE_TAG_BYTES, must, sizeof(must));
	}
}

Test(page_tag, comes_the_same_in_pieces)
{
	AUTO(tagger) struct tagger *tagger = tagger_of(key);
	uint8_t must[PAGE_TAG_BYTES], tag[PAGE_TAG_BYTES];

	gmac(7, pages, sizeof(pages), must);
	tagger_begin(tagger, 7);
	tagger_add(tagger, pages, 1);
	tagger_add(tagger, pages + 1, 15);
	tagger_add(tagger, pages + 16, 1000);
	tagger_add(tagger, pages + 1016, sizeof(pages) - 1016);
	tagger_finish(tagger, tag);
	cr_expect_arr_eq(tag, must, sizeof(must));
}

Test(page_tag, each_bit_counts)
{
	AUTO(tagger) struct tagger *tagger = tagger_of(key);
	uint8_t must[PAGE_TAG_BYTES], tag[PAGE_TAG_BYTES];

	tagger_pages(tagger, 9, pages, PAGE, 1, must);
	for (size_t bit = 0; bit < 8 * PAGE; bit++) {
		pages[bit / 8] ^= (uint8_t)(1 << bit % 8);
		tagger_pages(tagger, 9, pages, PAGE, 1, tag);
		pages[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_neq(memcmp(tag, must, sizeof(tag)), 0);
	}
	tagger_pages(tagger, 10, pages, PAGE, 1, tag);
	cr_expect_neq(memcmp(tag, must, sizeof(tag)), 0);
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] ^= 0x10;
		AUTO(tagger) struct tagger *other = tagger_of(key);
		key[i] ^= 0x10;
		tagger_pages(other, 9, pages, PAGE, 1, tag);
		cr_expect_neq(memcmp(tag, must, sizeof(tag)), 0);
	}
	tagger_pages(tagger, 9, pages, PAGE, 1, tag);
	cr_expect_arr_eq(tag, must, sizeof(tag));
}

/* On a processor on which the library goes wrong, OpenSSL does it all. */
Test(page_tag, tags_that_are_not_openssls_are_not_believed)
{
	uint8_t tag[PAGE_TAG_BYTES], must[PAGE_TAG_BYTES];
	struct multi_buffer_gmac *here = multi_buffer_gmac_new(key);
	AUTO(tagger) struct tagger *sound = tagger_of(key);

	cr_expect_eq(tagger_is_quick(sound), here != NULL);
	multi_buffer_gmac_free(here);
	broken = true;
	AUTO(tagger) struct tagger *tagger = tagger_of(key);
	cr_expect_not(tagger_is_quick(tagger));
	tagger_pages(tagger, 3, pages, PAGE, 1, tag);
	gmac(3, pages, PAGE, must);
	cr_expect_arr_eq(tag, must, sizeof(tag));
}

Test(page_tag, no_key_comes_twice)
{
	uint8_t one[PAGE_TAG_KEY_BYTES], two[PAGE_TAG_KEY_BYTES];
	struct err err = { 0 };

	memset(one, 0, sizeof(one));
	memset(two, 0, sizeof(two));
	cr_assert_eq(page_tag_new_key(one, &err), 0);
	cr_assert_eq(page_tag_new_key(two, &err), 0);
	for (size_t i = 0; i < sizeof(one); i += 8)
		cr_expect_neq(memcmp(one + i, two + i, 8), 0);
}
