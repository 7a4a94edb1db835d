/*
 * SQLite has two voices: rows that a check returns, and the result code with
 * which it ends.  Here the codes are sorted, once for all checks.
 */
#include "database/check.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "database/engine.h"
#include "database/image.h"
#include "database/sqlite_error.h"

static void
stmt_auto(sqlite3_stmt **place)
{
	(void)sqlite3_finalize(*place); /* its error was seen when stepped */
}

static void
sql_auto(char **place)
{
	sqlite3_free(*place);
}

/* The image's own account of a failed read or a stop request comes first. */
static int
sort_end(const struct check *check, int rc, struct check_result *ret_result,
    struct err *err)
{
	if (image_trouble(check->db, err) < 0)
		return -1;
	ret_result->reason[0] = '\0';
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		text_printable(sqlite3_errmsg(check->db), ret_result->reason,
		    sizeof(ret_result->reason));
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
		ret_result->end = CHECK_RAN;
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		ret_result->end = CHECK_MALFORMED;
		return 0;
	case SQLITE_IOERR:
	case SQLITE_INTERRUPT:
	case SQLITE_MISUSE:
		return err_sqlite(
		    err, check->db, rc, "check '%s'", check->name);
	case SQLITE_NOMEM:
		(void)snprintf(ret_result->reason, sizeof(ret_result->reason),
		    "out of memory, of which SQLite may have %d MiB here",
		    ENGINE_HEAP_MAX >> 20);
		break;
	default:
		break;
	}
	ret_result->end = CHECK_IMPOSSIBLE;
	return 0;
}

int
check_run(const struct check *check, check_row *row, void *ctx,
    struct check_result *ret_result, struct err *err, const char *fmt, ...)
{
	AUTO(stmt) sqlite3_stmt *stmt = NULL;
	va_list args;

	va_start(args, fmt);
	AUTO(sql) char *sql = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (sql == NULL)
		return err_sqlite(
		    err, NULL, SQLITE_NOMEM, "check '%s'", check->name);

	int rc = sqlite3_prepare_v2(check->db, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		int more = rc == SQLITE_ROW ? row(ctx, stmt, err) : 0;
		if (more < 0)
			return -1;
		if (more > 0)
			rc = SQLITE_DONE;
	}
	return sort_end(check, rc, ret_result, err);
}

int
check_text(
    sqlite3_stmt *row, int column, const char **ret_text, struct err *err)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	if (text == NULL && sqlite3_column_type(row, column) != SQLITE_NULL)
		return err_set(err, ERR_FAILED, ENOMEM,
		    "not enough memory to read what SQLite found");
	*ret_text = text == NULL ? "" : text;
	return 0;
}

void
check_lines(struct findings *findings, const char *object, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		if (len > 0)
			findings_add(findings, FINDING_DAMAGED, object, "%.*s",
			    len < INT_MAX ? (int)len : INT_MAX, text);
		text += len + (text[len] == '\n');
	}
}

struct each {
	const struct check *check;
	check_table *table;
	void *ctx;
};

static int
each_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	const struct each *each = ctx;
	const char *name = "";
	const char *sql = "";

	if (check_text(row, 0, &name, err) < 0 ||
	    check_text(row, 1, &sql, err) < 0)
		return -1;
	return each->table(each->check, name, sql, each->ctx, err);
}

int
check_each_table(const struct check *check, enum check_tables which,
    check_table *table, void *ctx, struct err *err)
{
	struct each each = { .check = check, .table = table, .ctx = ctx };
	struct check_result result;

	/* A virtual table has no pages of its own: its root page is 0. */
	if (check_run(check, each_row, &each, &result, err,
		"SELECT name, sql FROM main.sqlite_schema "
		"WHERE type = 'table' AND (coalesce(rootpage, 0) = 0) = %d",
		which == CHECK_TABLES_VIRTUAL) < 0)
		return -1;
	if (result.end == CHECK_MALFORMED)
		findings_add(check->findings, FINDING_DAMAGED, "",
		    "the schema cannot be read to its end: %s", result.reason);
	else if (result.end == CHECK_IMPOSSIBLE)
		findings_add(check->findings, FINDING_UNVERIFIABLE, "",
		    "the schema cannot be read to its end: %s", result.reason);
	return 0;
}
