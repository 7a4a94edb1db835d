/*
 * What the -journal beside a database says by itself.
 */
#ifndef DATABASE_JOURNAL_FILE_H
#define DATABASE_JOURNAL_FILE_H

#include "base/err.h"

enum journal_state {
	JOURNAL_ABSENT,
	JOURNAL_EMPTY, /* as PRAGMA journal_mode=TRUNCATE leaves it */
	JOURNAL_ENDED, /* its head was wiped, as PERSIST does at a commit */
	JOURNAL_OPEN, /* of a transaction that has not ended; "hot" when nobody
		       * holds MAIN_LOCK_RESERVED (sqlite.org/lockingv3.html) */
};

/*
 * By the rule of hasHotJournal() in SQLite's pager.c.  Opens the -journal; not
 * for a process with SQLite connections to it.
 */
int journal_file_look(
    const char *path, enum journal_state *ret_state, struct err *err);

#endif
