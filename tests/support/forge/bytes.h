/*
 * Bytes that grow as they are told to.  What goes wrong ends the program: it is
 * a tool of the tests.
 */
#ifndef TESTS_SUPPORT_FORGE_BYTES_H
#define TESTS_SUPPORT_FORGE_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *at; /* with a NUL behind them */
	size_t len;
};

void __attribute__((noreturn)) die(const char *what);

void bytes_add(struct bytes *bytes, const void *from, size_t len);
void bytes_add_le32(struct bytes *bytes, uint32_t n);
struct bytes bytes_of_file(const char *path);

/* The first `from` in a text becomes `to`; it must be there. */
void bytes_replace(struct bytes *text, const char *from, const char *to);

#endif
