/*
 * Members of a tar, and the fields of their headers: whatever is put into one,
 * its checksum is right.
 */
#ifndef TESTS_SUPPORT_FORGE_TAR_H
#define TESTS_SUPPORT_FORGE_TAR_H

#include "tests/support/forge/bytes.h"

enum { TAR_BLOCK = 512 };

/* A text in `size` bytes at `at` of a header. */
void tar_set_field(uint8_t *header, size_t at, size_t size, const char *text);

/* What does not begin with a digit is a power of two: "^63". */
void tar_set_size(uint8_t *header, const char *text);

/* A member of its own: header, data, padding. */
struct bytes
tar_member(const char *name, char type, const void *data, size_t len);

/* A pax header with one record. */
struct bytes tar_pax(const char *key, const char *value);

#endif
