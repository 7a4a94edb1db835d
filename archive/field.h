/*
 * The fields of a manifest's JSON, one at a time.
 *
 * In:  JSON text, hostile; then one key of one object.
 * Out: the value, of just the type and range that was asked for; else
 *      ERR_DAMAGED, which names the key.
 */
#ifndef ARCHIVE_FIELD_H
#define ARCHIVE_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/sha256.h"

void json_auto(json_t **place);

/* At most MANIFEST_MAX bytes of text that are one object; the caller's. */
int field_object(
    const char *json, size_t len, json_t **ret_object, struct err *err);

/* "the manifest's 'KEY' WHAT", ERR_DAMAGED; returns -1. */
int field_wrong(const char *key, const char *what, struct err *err);

/* A string that is shorter than `size` and may be shown on a terminal. */
int field_text(const json_t *object, const char *key, char *ret_text,
    size_t size, struct err *err);

/* A string that is one of `choices`, which end with NULL. */
int field_choice(const json_t *object, const char *key,
    const char *const *choices, char *ret_text, size_t size, struct err *err);

/* An integer from `least` to `most`. */
int field_u64(const json_t *object, const char *key, uint64_t least,
    uint64_t most, uint64_t *ret_number, struct err *err);
int field_u32(const json_t *object, const char *key, uint32_t least,
    uint32_t most, uint32_t *ret_number, struct err *err);

/* A length of time. */
int field_seconds(const json_t *object, const char *key, double *ret_seconds,
    struct err *err);

/* A time, as clock.h writes it. */
int field_time(
    const json_t *object, const char *key, int64_t *ret_ms, struct err *err);

/* A digest, as sha256.h writes it. */
int field_sha256(const json_t *object, const char *key,
    uint8_t ret_digest[SHA256_BYTES], struct err *err);

#endif
