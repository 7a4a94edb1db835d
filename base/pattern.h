/*
 * Paths by a pattern, as a shell would expand it: '*', '?' and '[...]' match
 * within one part of a path, and not a dot that a part begins with.
 *
 * glob(3) passes over what it may not look at and says nothing; to a backup
 * that is a database less.  Here it is a fault.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* It has one of '*', '?' and '['.  A backslash is a letter like others. */
bool pattern_is_one(const char *text);

/* Bytes of the path before the first part that has one, with its '/'. */
size_t pattern_fixed(const char *pattern);

struct pattern_visitor {
	/* A path that exists; a link counts as what it leads to.  In no
	 * order.  -1 ends it. */
	int (*match)(void *ctx, const char *path, struct err *err);
	/* Something that may have matched cannot be looked at (errno). */
	int (*fault)(void *ctx, const char *path, int reason, struct err *err);
	void *ctx;
};

/*
 * -1 with what the visitor said, or for want of memory.  Links are followed.
 */
int pattern_expand(const char *pattern, const struct pattern_visitor *visitor,
    struct err *err);

#endif
