/*
 * A rollback journal (sqlite.org/fileformat2.html 3) that SQLite takes for a
 * hot one: what it is, and what therefore has to be done.
 *
 * For this room only.
 */
#ifndef DATABASE_JOURNAL_H
#define DATABASE_JOURNAL_H

#include <limits.h>

#include "base/err.h"

enum journal_kind {
	JOURNAL_UNREADABLE, /* this user may not look into it */
	JOURNAL_UNFINISHED, /* undoes a transaction that did not come to its end */
	JOURNAL_SHARED, /* the same, of several databases: super_name exists */
	JOURNAL_SETTLED, /* super_name does not exist: the transaction stands */
	JOURNAL_NO_HEADER, /* cut off at the very beginning, or something else */
};

struct journal {
	enum journal_kind kind;
	char super_name[PATH_MAX]; /* of the super-journal, printable; or "" */
};

/*
 * Looks at the -journal of `database`, which is there.  It has no locks of
 * SQLite's on it, so this may be asked beside live connections.
 */
int journal_look(
    const char *database, struct journal *ret_journal, struct err *err);

#endif
