/*
 * Time: a steady clock to measure with, and moments as UTC text (RFC 3339).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

/* "2026-11-21T01:58:00.123Z" and its NUL. */
#define CLOCK_TEXT_BYTES 25

/* Seconds since some fixed point; never goes backwards. */
double clock_steady(void);

/* Milliseconds since 1970-01-01T00:00:00Z, from the system's wall clock. */
int64_t clock_now_ms(void);

/* Milliseconds as "2026-11-21T01:58:00.123Z", years 1970 to 9999. */
void clock_format(int64_t ms, char ret_text[CLOCK_TEXT_BYTES]);

/* The exact inverse of clock_format(); any other text is ERR_DAMAGED. */
int clock_parse(const char *text, int64_t *ret_ms, struct err *err);

#endif
