/*
 * SHA-256 and GMAC of many pages, by Intel's Multi-Buffer Crypto library
 * (github.com/intel/intel-ipsec-mb; Debian: libipsec-mb-dev), where the program
 * was built with it and the processor has what it needs.
 *
 * One SHA-256 waits for itself: each round needs the one before.  The sums of
 * pages do not need each other, so the library computes up to sixteen side by
 * side in one wide register.  GMAC it computes with the wide multiplication of
 * AVX-512; without that it is no faster than OpenSSL, and not used.
 *
 * The results are those of OpenSSL, which does the same where this cannot: a
 * caller keeps both, and asks this one first (sha256.c, page_tag.c).
 */
#ifndef BASE_MULTI_BUFFER_H
#define BASE_MULTI_BUFFER_H

#include <stddef.h>
#include <stdint.h>

enum {
	/* So few messages are faster one after the other, by OpenSSL. */
	MULTI_BUFFER_FEW = 7,
	/* The library keeps lengths in 16 bits, and refuses the last. */
	MULTI_BUFFER_LONGEST = 65534,
};

/* State of the sums: one thread at a time.  200 KB. */
struct multi_buffer;

/* NULL: not here.  Free with multi_buffer_free(), for which NULL is fine. */
struct multi_buffer *multi_buffer_new(void);
void multi_buffer_free(struct multi_buffer *buffer);

/*
 * The SHA-256 digests of `count` messages of `len` bytes (1 to LONGEST) that
 * lie one after the other, of each the first `digest_len` (at most 32) bytes,
 * into count * digest_len bytes.
 */
void multi_buffer_sha256(struct multi_buffer *buffer, const uint8_t *messages,
    size_t len, size_t count, size_t digest_len, uint8_t *ret_digests);

/* A key of AES-256-GMAC: one thread at a time. */
struct multi_buffer_gmac;

/* Copies the key.  NULL: not here.  Free wipes it; NULL is fine. */
struct multi_buffer_gmac *multi_buffer_gmac_new(const uint8_t key[32]);
void multi_buffer_gmac_free(struct multi_buffer_gmac *gmac);

void multi_buffer_gmac(struct multi_buffer_gmac *gmac, const uint8_t nonce[12],
    const void *bytes, size_t len, uint8_t ret_tag[16]);

#endif
