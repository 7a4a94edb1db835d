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

#include "archive/layout.h"
#include "base/err.h"

/* 0, or -1 with ERR_REFUSED and the rule that `name` breaks. */
int name_check(const char *name, struct err *err);

/*
 * Two databases of one archive: none of their members may be called the same,
 * in no kind of archive, and neither as a side file of the other.  As
 * name_check().
 */
int name_check_apart(const char *name, const char *other, struct err *err);

/* The same for a set: one or more names with '/' between them. */
int name_check_set(const char *set, struct err *err);

#endif
