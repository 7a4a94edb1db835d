/*
 * The most recent bytes of something endless: a ring in the caller's memory.
 *
 * In:  bytes, any number of them.
 * Out: the last `size` of them, oldest first, and whether there were more.
 * One thread.
 */
#ifndef NOTIFY_RECENT_H
#define NOTIFY_RECENT_H

#include <stdbool.h>
#include <stddef.h>

struct recent {
	char *bytes; /* the caller's, of `size` bytes */
	size_t size; /* 0: nothing is kept */
	size_t begin, count;
	bool cut; /* older ones are gone */
};

void recent_add(struct recent *recent, const char *bytes, size_t len);

/* Copies the last `most` of them, or all; returns how many that were. */
size_t recent_copy(const struct recent *recent, char *ret_bytes, size_t most);

#endif
