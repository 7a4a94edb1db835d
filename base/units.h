/*
 * Durations and sizes as people write them, and as they read them.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdint.h>

enum { UNITS_TEXT_BYTES = 32 };

/*
 * "250ms", "5s", "1.5h", "2d", "1w"; a plain number is seconds.  0, or -1 when
 * it is anything else or more than 10,000 years.
 */
int units_parse_duration(const char *text, double *ret_seconds);

/*
 * "64M", "1.5G", "4096"; K, M, G, T are powers of 1024, "KiB" and "k" are the
 * same as "K".  0, or -1 when it is anything else or beyond 64 bits.
 */
int units_parse_size(const char *text, uint64_t *ret_bytes);

/*
 * "0 ms", "2.7 ms", "140 ms", "3.4 s", "2 min 05 s", "1 h 02 min", "3 d 04 h"
 */
void units_format_duration(double seconds, char ret_text[UNITS_TEXT_BYTES]);

/* "512 B", "1.2 GiB" */
void units_format_size(uint64_t bytes, char ret_text[UNITS_TEXT_BYTES]);

#endif
