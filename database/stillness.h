/*
 * Whether a database that is said to stand still does.
 *
 * An operator who says so may be wrong, and then the pages that were read need
 * not belong together.  What can be seen from outside is looked at before the
 * first page is read and after the last one: who has the files open, and
 * whether they are the same, by device, inode, size and times.
 *
 * A copy that was made while somebody wrote stands still, too, and is torn all
 * the same; that cannot be seen from outside.
 *
 * For this room only.
 */
#ifndef DATABASE_STILLNESS_H
#define DATABASE_STILLNESS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

enum { STILLNESS_FILES = 3 }; /* all but the -shm, which nobody reads here */

struct stillness {
	bool present[STILLNESS_FILES];
	struct stat st[STILLNESS_FILES];
};

/*
 * Both: ERR_REFUSED when a process other than this one holds a lock on one of
 * the files, or has it open for writing.  At the end also when something is not
 * as it was at the begin.  Only stat()s, and looks at /proc.
 */
int stillness_begin(
    const char *path, struct stillness *ret_stillness, struct err *err);
int stillness_end(
    const char *path, const struct stillness *stillness, struct err *err);

#endif
