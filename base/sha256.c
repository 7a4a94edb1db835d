/*
 * The algorithm is fetched once for each stream, not once for each page:
 * OpenSSL's look-up by name would cost more than hashing a small page.
 */
#include "base/sha256.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/auto.h"
#include "base/multi_buffer.h"

struct sha256 {
	EVP_MD *algorithm;
	EVP_MD_CTX *ctx;
	bool looked; /* for the next: most streams are of one thing */
	struct multi_buffer *pages; /* NULL: not here, or not looked for */
};

int
sha256_new(struct sha256 **ret_stream, struct err *err)
{
	struct sha256 *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return err_system(err, "start a SHA-256 sum");
	stream->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	stream->ctx = EVP_MD_CTX_new();
	if (stream->algorithm == NULL || stream->ctx == NULL ||
	    EVP_DigestInit_ex2(stream->ctx, stream->algorithm, NULL) != 1) {
		sha256_free(stream);
		return err_set(
		    err, ERR_FAILED, 0, "OpenSSL cannot start a SHA-256 sum");
	}
	*ret_stream = stream;
	return 0;
}

void
sha256_free(struct sha256 *stream)
{
	if (stream == NULL)
		return;
	multi_buffer_free(stream->pages);
	EVP_MD_CTX_free(stream->ctx);
	EVP_MD_free(stream->algorithm);
	free(stream);
}

void
sha256_auto(struct sha256 **place)
{
	sha256_free(*place);
}

/*
 * Once the context stands, these calls only compute; they cannot fail, and a
 * sum that went on wrongly would be worse than a stop.
 */
void
sha256_add(struct sha256 *stream, const void *bytes, size_t len)
{
	int ok = EVP_DigestUpdate(stream->ctx, bytes, len);

	assert(ok == 1);
	(void)ok;
}

void
sha256_peek(const struct sha256 *stream, uint8_t ret_digest[SHA256_BYTES])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned int len = 0;

	int ok = copy != NULL && EVP_MD_CTX_copy_ex(copy, stream->ctx) == 1 &&
		 EVP_DigestFinal_ex(copy, ret_digest, &len) == 1;
	EVP_MD_CTX_free(copy);
	assert(ok && len == SHA256_BYTES);
	(void)ok;
}

void
sha256_finish(struct sha256 *stream, uint8_t ret_digest[SHA256_BYTES])
{
	unsigned int len = 0;
	int ok = EVP_DigestFinal_ex(stream->ctx, ret_digest, &len);

	assert(ok == 1 && len == SHA256_BYTES);
	ok = EVP_DigestInit_ex2(stream->ctx, stream->algorithm, NULL);
	assert(ok == 1);
	(void)ok;
}

int
sha256_once(const void *bytes, size_t len, uint8_t ret_digest[SHA256_BYTES],
    struct err *err)
{
	AUTO(sha256) struct sha256 *stream = NULL;

	if (sha256_new(&stream, err) < 0)
		return -1;
	assert(stream != NULL);
	sha256_add(stream, bytes, len);
	sha256_finish(stream, ret_digest);
	return 0;
}

static void
one_by_one(struct sha256 *stream, const uint8_t *pages, size_t page_size,
    size_t count, uint8_t *ret_sums)
{
	uint8_t digest[SHA256_BYTES];

	for (size_t i = 0; i < count; i++) {
		sha256_add(stream, pages + i * page_size, page_size);
		sha256_finish(stream, digest);
		memcpy(ret_sums + i * PAGE_SUM_BYTES, digest, PAGE_SUM_BYTES);
	}
}

/*
 * Sums that are wrong would prove each other, until another machine reads them:
 * they must be OpenSSL's first, with this library and on this processor.  A
 * whole round of lanes, and a part of one.
 */
static bool
sums_alike(struct sha256 *stream, struct multi_buffer *buffer)
{
	enum { size = 512, count = 24 };
	uint8_t pages[count * size];
	uint8_t fast[count * PAGE_SUM_BYTES], slow[count * PAGE_SUM_BYTES];

	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = (uint8_t)(i * 7 + i / 251);
	multi_buffer_sha256(buffer, pages, size, count, PAGE_SUM_BYTES, fast);
	one_by_one(stream, pages, size, count, slow);
	return memcmp(fast, slow, sizeof(fast)) == 0;
}

static bool
many_at_once(struct sha256 *stream)
{
	if (!stream->looked)
		stream->pages = multi_buffer_new();
	if (!stream->looked && stream->pages != NULL &&
	    !sums_alike(stream, stream->pages))
		multi_buffer_free(take_ptr(&stream->pages));
	stream->looked = true;
	return stream->pages != NULL;
}

void
sha256_pages(struct sha256 *stream, const uint8_t *pages, size_t page_size,
    size_t count, uint8_t *ret_sums)
{
	if (count > MULTI_BUFFER_FEW && page_size <= MULTI_BUFFER_LONGEST &&
	    many_at_once(stream))
		multi_buffer_sha256(stream->pages, pages, page_size, count,
		    PAGE_SUM_BYTES, ret_sums);
	else
		one_by_one(stream, pages, page_size, count, ret_sums);
}

void
sha256_format(
    const uint8_t digest[SHA256_BYTES], char ret_text[SHA256_TEXT_BYTES])
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		(void)snprintf(ret_text + 2 * i, 3, "%02x", digest[i]);
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

int
sha256_parse(
    const char *text, uint8_t ret_digest[SHA256_BYTES], struct err *err)
{
	uint8_t digest[SHA256_BYTES];

	if (strlen(text) != 2 * SHA256_BYTES)
		return err_set(err, ERR_DAMAGED, 0,
		    "'%.70s' is not a SHA-256 sum of 64 hex digits", text);
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return err_set(err, ERR_DAMAGED, 0,
			    "'%.70s' is not a SHA-256 sum of 64 hex digits",
			    text);
		digest[i] = (uint8_t)(high << 4 | low);
	}
	memcpy(ret_digest, digest, SHA256_BYTES);
	return 0;
}
