/*
 * The members of a database that is stored as an increment: its pages and their
 * list.
 */
#ifndef ARCHIVE_INCREMENT_READ_H
#define ARCHIVE_INCREMENT_READ_H

#include "archive/walk.h"
#include "base/err.h"

/*
 * Proves them by walk_known(), and fills in what the manifest must say.  Page
 * numbers are strictly ascending, in the members and in the list alike.
 */
int increment_read(struct walk *walk, struct err *err);

#endif
