/*
 * A page tag: GMAC (NIST SP 800-38D) of a page under a secret key, with the
 * page's number as the nonce, by OpenSSL or, faster, by base/multi_buffer.h.
 *
 * It answers one question, five times as fast as SHA-256 would: is the page of
 * this number the one that it was when its tag was taken, under the same key?
 * Two different pages have the same tag with a probability of at most
 * (PAGE_SIZE / 16 + 1) / 2^128: less than 2^-119 for 4 KiB, 2^-115 for 64 KiB
 * (GHASH is a polynomial over GF(2^128) at a secret point, which has no more
 * zeros than that).  This holds for all pages that were chosen by somebody who
 * knows neither the key nor any tag, so both are kept from everybody else; as
 * nobody sees a tag, that a nonce comes again with each state of a page gives
 * nothing away.  It is not a page sum: who has the key can make two pages with
 * one tag, and so it never goes into an archive.
 *
 * A tagger belongs to one thread at a time.
 */
#ifndef BASE_PAGE_TAG_H
#define BASE_PAGE_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { PAGE_TAG_BYTES = 16, PAGE_TAG_KEY_BYTES = 32 };

/* A nonce that is no page's number. */
enum { PAGE_TAG_NONCE_SEAL = 0 };

struct tagger;

/* A key that nobody knows: the kernel's random bytes. */
int page_tag_new_key(uint8_t ret_key[PAGE_TAG_KEY_BYTES], struct err *err);

/* Copies the key.  Fails where OpenSSL was told not to do AES-GCM. */
int tagger_new(const uint8_t key[PAGE_TAG_KEY_BYTES],
    struct tagger **ret_tagger, struct err *err);
void tagger_free(struct tagger *tagger);
void tagger_auto(struct tagger **place);

/* A tag takes about as long as a copy of the page (base/multi_buffer.h). */
bool tagger_is_quick(const struct tagger *tagger);

/*
 * The tags of `count` pages that lie one after the other, the first of them
 * with the number `first` (from 1), into count * PAGE_TAG_BYTES bytes.
 */
void tagger_pages(struct tagger *tagger, uint32_t first, const uint8_t *pages,
    size_t page_size, size_t count, uint8_t *ret_tags);

/* The tag of other bytes, in as many pieces as there are. */
void tagger_begin(struct tagger *tagger, uint32_t nonce);
void tagger_add(struct tagger *tagger, const void *bytes, size_t len);
void tagger_finish(struct tagger *tagger, uint8_t ret_tag[PAGE_TAG_BYTES]);

#endif
