/*
 * SHA-256 (FIPS 180-4), by OpenSSL: of a stream, and of pages, of which many at
 * once go faster where base/multi_buffer.h works.
 *
 * A handle belongs to one thread at a time.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SHA256_BYTES 32
#define SHA256_TEXT_BYTES 65 /* 64 lower-case hex digits and a NUL */

/* A page sum: the first 16 bytes of the SHA-256 of the page. */
#define PAGE_SUM_BYTES 16

struct sha256;

/* A new stream with nothing in it yet; free with sha256_free(). */
int sha256_new(struct sha256 **ret_stream, struct err *err);
void sha256_free(struct sha256 *stream);
void sha256_auto(struct sha256 **place);

void sha256_add(struct sha256 *stream, const void *bytes, size_t len);

/* The digest of all that was added so far; the stream goes on. */
void sha256_peek(const struct sha256 *stream, uint8_t ret_digest[SHA256_BYTES]);

/* The digest of all that was added; the stream is then empty again. */
void sha256_finish(struct sha256 *stream, uint8_t ret_digest[SHA256_BYTES]);

/* The digest of bytes that are all there. */
int sha256_once(const void *bytes, size_t len, uint8_t ret_digest[SHA256_BYTES],
    struct err *err);

/*
 * The sums of `count` pages of `page_size` bytes that lie one after the
 * other, into count * PAGE_SUM_BYTES bytes.  Uses and empties `stream`.
 */
void sha256_pages(struct sha256 *stream, const uint8_t *pages, size_t page_size,
    size_t count, uint8_t *ret_sums);

/* 64 hex digits; and back: -1 when `text` is anything else (lower case only). */
void sha256_format(
    const uint8_t digest[SHA256_BYTES], char ret_text[SHA256_TEXT_BYTES]);
int sha256_parse(
    const char *text, uint8_t ret_digest[SHA256_BYTES], struct err *err);

#endif
