/*
 * SQLite's words are taken from the connection only if they belong to this
 * result; a connection remembers the last error it had, which may be another.
 * The system's reason is added where SQLite keeps one and it says more.
 */
#include "database/sqlite_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static enum err_kind
kind_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_DAMAGED;
	case SQLITE_FULL:
		return ERR_NO_SPACE;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return ERR_INPUT;
	default:
		return ERR_FAILED;
	}
}

static const char *
hint_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "somebody else holds a lock on it; try again when that "
		       "is over";
	case SQLITE_FULL:
		return "make room on the disk, or raise the quota, and try "
		       "again";
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return "look at owner and mode of the file, its folder and its "
		       "-wal and -shm; run as the owner of the database or as "
		       "root";
	default:
		return "";
	}
}

/*
 * The errno behind a result, or 0.  Only results that come straight from a
 * failed system call: for others SQLite hands out whatever errno was left.
 */
static int
system_reason(sqlite3 *db, int rc)
{
	switch (rc) {
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR_READ:
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_TRUNCATE:
	case SQLITE_IOERR_FSTAT:
	case SQLITE_IOERR_SHMOPEN:
	case SQLITE_IOERR_SHMSIZE:
	case SQLITE_IOERR_SHMMAP:
		return db == NULL ? 0 : sqlite3_system_errno(db);
	default:
		return 0;
	}
}

static void
add_text(struct err *err, const char *separator, const char *words)
{
	size_t len = strlen(err->text);

	(void)snprintf(
	    err->text + len, sizeof(err->text) - len, "%s%s", separator, words);
}

int
err_sqlite(struct err *err, sqlite3 *db, int rc, const char *fmt, ...)
{
	bool own = db != NULL && sqlite3_extended_errcode(db) == rc;
	const char *words = own ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
	int reason = own ? system_reason(db, rc) : 0;
	va_list args;

	err->kind = kind_of(rc);
	err->code = rc;
	(void)snprintf(err->hint, sizeof(err->hint), "%s", hint_of(rc));
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);

	/* Our own lack of descriptors says nothing about the file. */
	if (reason == EMFILE || reason == ENFILE) {
		err->kind = ERR_FAILED;
		(void)err_hint(
		    err, "raise the limit of open files (ulimit -n)");
	}
	/* To SQLite it is an input/output error like any other. */
	if (reason == ENOSPC || reason == EDQUOT) {
		err->kind = ERR_NO_SPACE;
		(void)err_hint(err, "%s", hint_of(SQLITE_FULL));
	}
	add_text(err, ": ", words);
	if (reason != 0) {
		add_text(err, ": ", strerror(reason));
	} else if ((rc & 0xff) == SQLITE_IOERR) {
		char number[32];

		(void)snprintf(number, sizeof(number), " (code %d)", rc);
		add_text(err, "", number);
	}
	return -1;
}
