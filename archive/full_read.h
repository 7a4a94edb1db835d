/*
 * The members of a database that is stored full: the image and its sums.
 */
#ifndef ARCHIVE_FULL_READ_H
#define ARCHIVE_FULL_READ_H

#include "archive/walk.h"
#include "base/err.h"

/*
 * Proves them, the first of which is `member`, and fills in what the manifest
 * must say.  Where nothing is known beforehand, it may also find that this is an increment:
 * walk->increment, and -1.
 */
int
full_read(struct walk *walk, const struct tar_member *member, struct err *err);

#endif
