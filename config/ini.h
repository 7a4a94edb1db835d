/*
 * One file of the configuration as sections, keys and values.
 *
 * In:  its text.  A line is a section "[NAME]", "KEY = VALUE" (or "KEY:
 *      VALUE"), a comment that begins with '#' or ';', or empty.  Blanks around
 *      lines, keys and values do not count.  A value is one line, whole: what
 *      follows a '#' or ';' in it belongs to it, and no line continues another.
 * Out: a call for each section and for each key, in their order.
 * Always true: lines are well-formed printable UTF-8 (and tabs) of at most
 *      INI_LINE_MAX bytes.  Nothing is ever cut: what is too long is a fault.
 * One thread.
 */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include <stddef.h>

#include "base/err.h"
#include "config/faults.h"

/* libinih keeps 49 bytes of a section and of a key, and drops the rest. */
enum { INI_LINE_MAX = 8192, INI_WORD_MAX = 49 };

struct ini_entry {
	const char *section; /* "" before the first */
	const char *key; /* NULL: the section begins */
	const char *value;
	unsigned line;
};

/* -1: a fault of this entry; the reading goes on. */
typedef int (*ini_take)(
    void *user, const struct ini_entry *entry, struct err *err);

/*
 * Adds each fault, with "NAME:LINE: " in front.  `name` is the file's, for that
 * alone.  -1 only when memory is gone.
 */
int ini_read(const char *text, size_t bytes, const char *name, ini_take take,
    void *user, struct faults *faults, struct err *err);

#endif
