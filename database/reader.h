/*
 * A connection to a live database that changes nothing: it never creates,
 * checkpoints or writes, and has its own way of waiting for locks.
 *
 * For this room only.
 */
#ifndef DATABASE_READER_H
#define DATABASE_READER_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/err.h"
#include "base/work.h"
#include "database/missing_page.h"
#include "database/source.h"

struct reader {
	/* Filled by the caller; what they point to outlives the connection. */
	const struct source *source; /* its side files were just looked at */
	unsigned busy_timeout_ms; /* from the first lock that was not had */
	const struct work *work;
	bool hurried; /* who holds a lock is not looked up */

	sqlite3 *db; /* NULL, or the caller's to close */
	struct missing_page missing;
	unsigned busy_retries;
	double waiting_since; /* 0: no lock was waited for yet */
	struct err wait_err; /* why the wait was given up, if told to */
};

/* After a failure `db` may be open. */
int reader_open(struct reader *reader, struct err *err);

/*
 * Runs statements; says in the operator's words what kept them from running: a
 * lock, a hot journal, a stop request.
 */
int reader_run(struct reader *reader, const char *sql, struct err *err);

/*
 * The connection's file is the one that was inspected, and has its name still;
 * ERR_INPUT when not, or when SQLite logged that it cannot rely on the name.
 */
int reader_same_file(const struct reader *reader, struct err *err);

#endif
