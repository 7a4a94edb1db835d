/*
 * GMAC is AES-GCM with nothing to encrypt.  It goes by OpenSSL's cipher
 * interface, not by its EVP_MAC: that one takes half as long again for a page,
 * because it looks its parameters up by name each time.
 */
#include "base/page_tag.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/multi_buffer.h"

enum { nonce_bytes = 12 };

struct tagger {
	EVP_CIPHER *algorithm;
	EVP_CIPHER_CTX *ctx;
	struct multi_buffer_gmac *pages; /* NULL: by OpenSSL, too */
};

int
page_tag_new_key(uint8_t ret_key[PAGE_TAG_KEY_BYTES], struct err *err)
{
	/* Up to 256 bytes come whole (getrandom(2)). */
	if (getrandom(ret_key, PAGE_TAG_KEY_BYTES, 0) != PAGE_TAG_KEY_BYTES)
		return err_system(err, "take a random key");
	return 0;
}

void
tagger_free(struct tagger *tagger)
{
	if (tagger == NULL)
		return;
	multi_buffer_gmac_free(tagger->pages);
	EVP_CIPHER_CTX_free(tagger->ctx);
	EVP_CIPHER_free(tagger->algorithm);
	free(tagger);
}

void
tagger_auto(struct tagger **place)
{
	tagger_free(*place);
}

static void
nonce_of(uint32_t number, uint8_t ret_nonce[nonce_bytes])
{
	memset(ret_nonce, 0, nonce_bytes);
	put_le32(ret_nonce, number);
}

/* With the key set these only compute (sha256.c says what follows). */
void
tagger_begin(struct tagger *tagger, uint32_t nonce)
{
	uint8_t bytes[nonce_bytes];

	nonce_of(nonce, bytes);
	int ok = EVP_EncryptInit_ex2(tagger->ctx, NULL, NULL, bytes, NULL);
	assert(ok == 1);
	(void)ok;
}

void
tagger_add(struct tagger *tagger, const void *bytes, size_t len)
{
	int unused = 0;

	assert(len <= INT_MAX);
	int ok = EVP_EncryptUpdate(tagger->ctx, NULL, &unused, bytes, (int)len);
	assert(ok == 1);
	(void)ok;
}

void
tagger_finish(struct tagger *tagger, uint8_t ret_tag[PAGE_TAG_BYTES])
{
	uint8_t nothing[16];
	int len = 0;
	int ok = EVP_EncryptFinal_ex(tagger->ctx, nothing, &len) == 1 &&
		 EVP_CIPHER_CTX_ctrl(tagger->ctx, EVP_CTRL_AEAD_GET_TAG,
		     PAGE_TAG_BYTES, ret_tag) == 1;

	assert(ok && len == 0);
	(void)ok;
}

bool
tagger_is_quick(const struct tagger *tagger)
{
	return tagger->pages != NULL;
}

/* By OpenSSL. */
static void
tag_page(struct tagger *tagger, uint32_t number, const uint8_t *page,
    size_t page_size, uint8_t ret_tag[PAGE_TAG_BYTES])
{
	tagger_begin(tagger, number);
	tagger_add(tagger, page, page_size);
	tagger_finish(tagger, ret_tag);
}

/* By base/multi_buffer.h. */
static void
tag_page_quickly(struct tagger *tagger, uint32_t number, const uint8_t *page,
    size_t page_size, uint8_t ret_tag[PAGE_TAG_BYTES])
{
	uint8_t nonce[nonce_bytes];

	nonce_of(number, nonce);
	multi_buffer_gmac(tagger->pages, nonce, page, page_size, ret_tag);
}

/*
 * A tag that is wrong can hide that a page changed, and nobody would ever know:
 * quick tags must be OpenSSL's first, with this library and on this processor.
 */
static bool
tags_alike(struct tagger *tagger)
{
	uint8_t page[4096], fast[PAGE_TAG_BYTES], slow[PAGE_TAG_BYTES];

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t size = 512; size <= sizeof(page); size *= 2) {
		tag_page_quickly(tagger, (uint32_t)size, page, size, fast);
		tag_page(tagger, (uint32_t)size, page, size, slow);
		if (memcmp(fast, slow, sizeof(fast)) != 0)
			return false;
	}
	return true;
}

int
tagger_new(const uint8_t key[PAGE_TAG_KEY_BYTES], struct tagger **ret_tagger,
    struct err *err)
{
	AUTO(tagger) struct tagger *tagger = calloc(1, sizeof(*tagger));

	if (tagger == NULL)
		return err_system(err, "begin to tag pages");
	tagger->algorithm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	tagger->ctx = EVP_CIPHER_CTX_new();
	if (tagger->algorithm == NULL || tagger->ctx == NULL ||
	    EVP_EncryptInit_ex2(
		tagger->ctx, tagger->algorithm, key, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_get_iv_length(tagger->ctx) != nonce_bytes)
		return err_set(
		    err, ERR_FAILED, 0, "OpenSSL cannot begin a GMAC");
	tagger->pages = multi_buffer_gmac_new(key);
	if (tagger->pages != NULL && !tags_alike(tagger))
		multi_buffer_gmac_free(take_ptr(&tagger->pages));
	*ret_tagger = take_ptr(&tagger);
	return 0;
}

void
tagger_pages(struct tagger *tagger, uint32_t first, const uint8_t *pages,
    size_t page_size, size_t count, uint8_t *ret_tags)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *page = pages + i * page_size;
		uint32_t number = first + (uint32_t)i;
		uint8_t *tag = ret_tags + i * PAGE_TAG_BYTES;

		if (tagger_is_quick(tagger))
			tag_page_quickly(tagger, number, page, page_size, tag);
		else
			tag_page(tagger, number, page, page_size, tag);
	}
}
