/*
 * SQLite takes a -journal for hot when nobody has the database locked and the
 * journal's first byte is not zero; what it is good for is only seen by the one
 * who is about to roll it back.  That changes the application's data, so it is
 * the owner's to do; we look, and say what will happen.
 */
#include "database/hot_journal.h"

#include <sqlite3.h>

#include "base/quote.h"
#include "database/journal.h"
#include "database/side_files.h"

static int
say(const struct source *source, const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, SQLITE_READONLY_ROLLBACK, "'%s' %s",
	    source->path, what);
}

/* SQLite takes one that it may not read for a hot one, to be safe. */
static int
unreadable(const struct source *source, struct err *err)
{
	char who[SIDE_FILES_WHO];

	(void)err_set(err, ERR_INPUT, SQLITE_READONLY_ROLLBACK,
	    "'%s-journal' cannot be read, so nobody knows whether the "
	    "transaction in it must be undone first",
	    source->path);
	side_files_rightful(source->uid, who);
	return err_hint(err, "run litesafe as %s", who);
}

static int
hint_to_settle(const struct source *source, struct err *err)
{
	char who[SIDE_FILES_WHO];

	if (source->frozen)
		return err_hint(err,
		    "a frozen database is not changed: copy it and its "
		    "-journal, run on the copy: sqlite3 COPY 'PRAGMA "
		    "schema_version', and back up the copy");
	side_files_user(source->uid, who);
	return err_hint(err,
	    "start the application once, or run as %s, then try again: "
	    "sqlite3 %s 'PRAGMA schema_version'",
	    who, quote_word(source->path, "DATABASE").text);
}

/* Elsewhere SQLite would not find the super-journal, and keep half a commit. */
static int
hint_to_keep_paths(struct err *err)
{
	return err_hint(err,
	    "only under the paths that the files had then SQLite can tell "
	    "whether it was committed: bring all databases of it, with their "
	    "-journals and the super-journal, there, open each with sqlite3, "
	    "and back that up");
}

static int
of_several_databases(const struct source *source, const char *super_name,
    const char *what, struct err *err)
{
	(void)err_set(err, ERR_INPUT, SQLITE_READONLY_ROLLBACK,
	    "'%s' has a -journal of a transaction over several databases, "
	    "whose super-journal '%.200s' %s",
	    source->path, super_name, what);
	return source->frozen ? hint_to_keep_paths(err)
			      : hint_to_settle(source, err);
}

int
hot_journal_explain(const struct source *source, struct err *err)
{
	struct journal journal;

	if (journal_look(source->path, &journal, err) < 0)
		return -1;
	switch (journal.kind) {
	case JOURNAL_UNREADABLE:
		return unreadable(source, err);
	case JOURNAL_SHARED:
		return of_several_databases(source, journal.super_name,
		    "is there: it must be undone", err);
	case JOURNAL_SETTLED:
		return of_several_databases(source, journal.super_name,
		    "is gone: SQLite takes it as committed", err);
	case JOURNAL_NO_HEADER:
		(void)say(source,
		    "has a -journal that does not begin as one does, and "
		    "SQLite must clear it away first",
		    err);
		return hint_to_settle(source, err);
	case JOURNAL_UNFINISHED:
		break;
	}
	(void)say(source,
	    "was left in the middle of a transaction, which its -journal "
	    "must undo first",
	    err);
	return hint_to_settle(source, err);
}
