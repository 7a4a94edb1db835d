/*
 * A line that proves itself: the line, and below it {"sha256":"..."}, the
 * SHA-256 of the line without its end.
 *
 * Decoding accepts exactly these two lines, each ended by '\n', and nothing
 * before, between or behind them; what the line says is not looked at.
 */
#ifndef BASE_SEALED_H
#define BASE_SEALED_H

#include <stddef.h>

#include "base/err.h"

/* Bytes that a seal adds to a line, both line ends included. */
enum { SEALED_EXTRA = 79 };

/*
 * Text without a NUL counted (there is one); caller frees *ret_text.  `line`
 * has no '\n' in it.
 */
int sealed_encode(const char *line, size_t len, char **ret_text,
    size_t *ret_len, struct err *err);

/* The length of the line that `text` begins with; ERR_DAMAGED. */
int
sealed_decode(const char *text, size_t len, size_t *ret_line, struct err *err);

#endif
