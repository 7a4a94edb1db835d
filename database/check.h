/*
 * One statement of a check, and what its end says about the database.
 *
 * For this room only: integrity.c and what it is made of.
 */
#ifndef DATABASE_CHECK_H
#define DATABASE_CHECK_H

#include <sqlite3.h>

#include "base/err.h"
#include "database/findings.h"

struct check {
	sqlite3 *db; /* an image */
	const char *name; /* of the image, for messages */
	struct findings *findings;
};

/*
 * SQLite's words are kept when a statement does not run to its end.  Content
 * that SQLite calls malformed is damage; that a function, a collation or a
 * module is unknown says nothing about the content, nor that it asks for more
 * memory than SQLite may have (engine.h).
 */
enum check_end {
	CHECK_RAN,
	CHECK_MALFORMED, /* SQLITE_CORRUPT, SQLITE_NOTADB */
	CHECK_IMPOSSIBLE, /* any other refusal of SQLite */
};

struct check_result {
	enum check_end end;
	char reason[256]; /* SQLite's words, or "" */
};

/* Called for each row; -1 ends the check with that error, 1 ends it well. */
typedef int check_row(void *ctx, sqlite3_stmt *row, struct err *err);

/*
 * Runs one statement, made as by sqlite3_mprintf().  -1 when the check itself
 * cannot go on: reading the image, a stop request.
 */
int check_run(const struct check *check, check_row *row, void *ctx,
    struct check_result *ret_result, struct err *err, const char *fmt, ...);

/* A text column that is never NULL; -1 when memory ended. */
int check_text(
    sqlite3_stmt *row, int column, const char **ret_text, struct err *err);

/* Each line of SQLite's text that is not empty becomes a finding of damage. */
void
check_lines(struct findings *findings, const char *object, const char *text);

/* Ordinary tables have pages of their own; virtual ones have not. */
enum check_tables { CHECK_TABLES_STORED, CHECK_TABLES_VIRTUAL };

typedef int check_table(const struct check *check, const char *table,
    const char *sql, void *ctx, struct err *err);

/*
 * Calls `table` with name and definition ("" = none) of each.  A schema that
 * turns out malformed on the way becomes a finding.
 */
int check_each_table(const struct check *check, enum check_tables which,
    check_table *table, void *ctx, struct err *err);

#endif
