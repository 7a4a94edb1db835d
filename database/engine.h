/*
 * SQLite set up once for the whole process, before its first use.
 *
 * Three things need that: a limit to the memory that SQLite may have; the log (SQLite reports "file renamed while open" or
 * "multiple links to file" only there, and for us these are errors), and the
 * page cache, through which page one of a pinned database is seen early (see
 * page_one.h).
 */
#ifndef DATABASE_ENGINE_H
#define DATABASE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * All of SQLite's memory in this process.  An honest check of an image takes
 * its cache, one bit for each page, and the values that an index or a
 * constraint looks into.  A schema may ask for any number of values of a
 * gigabyte with a few bytes, and a strange archive is not to be trusted.
 */
enum { ENGINE_HEAP_MAX = 512 << 20 };

/* Safe to call again.  Every other function of this room calls it itself. */
int engine_start(struct err *err);

/* "3.40.1": the linked library's. */
const char *engine_version(void);

/* 3040001 for it. */
uint32_t engine_version_number(void);

/*
 * The first dangerous message that SQLite logged on this thread since
 * engine_forget_warnings(): true and its text.  Dangerous are the notices that
 * the file has several names, was renamed, unlinked or replaced while open.
 */
bool engine_warned(char *ret_text, unsigned size);
void engine_forget_warnings(void);

#endif
