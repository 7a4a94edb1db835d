/*
 * What a database may be called inside an archive.
 *
 * A name is one path component of valid UTF-8, 1 to MEMBER_NAME_MAX bytes,
 * without control characters, '/' or '\', not "." or "..", not beginning with
 * ".litesafe" and not "litesafe.json".  Names from an archive are only ever
 * compared and shown, never used as paths on disk.
 */
#ifndef ARCHIVE_NAME_H
#define ARCHIVE_NAME_H

#include <stdbool.h>

#include "archive/layout.h"
#include "base/err.h"

/* 0, or -1 with ERR_REFUSED and the rule that `name` breaks. */
int name_check(const char *name, struct err *err);

/*
 * Any bytes as text that may be printed or stored as JSON: what is not valid
 * UTF-8 or is a control character becomes U+FFFD.  `size` is that of ret_text;
 * what does not fit is cut at a character.
 */
void name_printable(const char *bytes, char *ret_text, unsigned size);

#endif
