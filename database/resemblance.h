/*
 * What a file that is not a SQLite database looks like, in a few words for the
 * message that refuses it.
 *
 * For this room only.
 */
#ifndef DATABASE_RESEMBLANCE_H
#define DATABASE_RESEMBLANCE_H

#include <stddef.h>
#include <stdint.h>

/* "it looks like gzip data", or NULL: from the first `len` bytes of a file. */
const char *resemblance_of(const uint8_t *bytes, size_t len);

#endif
