/*
 * That a text is one SELECT is found out by SQLite's own parser, on a database
 * without tables: it must go through where the grammar allows a SELECT and
 * nothing else, in parentheses.  So a WITH that ends in a DELETE is refused
 * before any time was spent on a restore; that a table is missing is not yet
 * an error there.
 */
#include "database/assertion.h"

#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"
#include "database/check.h"
#include "database/engine.h"
#include "database/image.h"
#include "database/sqlite_error.h"

static void
database_auto(sqlite3 **place)
{
	(void)sqlite3_close(*place);
}

static void
statement_auto(sqlite3_stmt **place)
{
	(void)sqlite3_finalize(*place);
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n\f");
}

static bool
begins_to_read(const char *text)
{
	static const char *const words[] = { "SELECT", "WITH", "VALUES" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if (strncasecmp(text, words[i], len) == 0 &&
		    !isalnum((unsigned char)text[len]) && text[len] != '_')
			return true;
	}
	return false;
}

/* "NAME: SELECT ..." is told by the word behind the colon. */
static int
split(const char *text, struct assertion *ret, struct err *err)
{
	const char *begin = skip_blanks(text);

	*ret = (struct assertion){ .sql = begin };
	if (begins_to_read(begin))
		return 0;
	for (const char *colon = strchr(begin, ':'); colon != NULL;
	     colon = strchr(colon + 1, ':')) {
		ret->sql = skip_blanks(colon + 1);
		ret->database = begin;
		ret->database_len = (size_t)(colon - begin);
		if (ret->database_len > 0 && begins_to_read(ret->sql))
			return 0;
	}
	return err_set(
	    err, ERR_USAGE, 0, "it does not begin with SELECT, WITH or VALUES");
}

/* Bytes of the first statement without the semicolon that ends it. */
static int
first_statement(const char *sql, size_t *ret_len, struct err *err)
{
	AUTO(free) char *copy = strdup(sql);

	if (copy == NULL)
		return err_system(err, "read an assertion");
	*ret_len = strlen(sql);
	for (char *end = strchr(copy, ';'); end != NULL;
	     end = strchr(end + 1, ';')) {
		char next = end[1];

		end[1] = '\0';
		bool complete = sqlite3_complete(copy) != 0;
		end[1] = next;
		if (!complete)
			continue;
		*ret_len = (size_t)(end - copy);
		break;
	}
	return 0;
}

/* What the grammar refuses, whatever tables there are. */
static bool
is_grammar(const char *message)
{
	return strstr(message, "syntax error") != NULL ||
	       strcmp(message, "incomplete input") == 0 ||
	       strncmp(message, "unrecognized token", 18) == 0;
}

enum sense { SENSE_NONE, SENSE_BLANK, SENSE_STATEMENT };

/* What the parser makes of `len` bytes, between `before` and `after`. */
static int
parse(sqlite3 *db, const char *before, const char *sql, size_t len,
    const char *after, enum sense *ret_sense, struct err *err)
{
	AUTO(statement) sqlite3_stmt *stmt = NULL;
	AUTO(free) char *text = NULL;

	if (asprintf(&text, "%s%.*s%s", before, (int)len, sql, after) < 0) {
		text = NULL;
		return err_system(err, "read an assertion");
	}
	int rc = sqlite3_prepare_v2(db, text, -1, &stmt, NULL);
	if (rc == SQLITE_NOMEM)
		return err_sqlite(err, db, rc, "read an assertion");
	*ret_sense = rc != SQLITE_OK && is_grammar(sqlite3_errmsg(db))
			 ? SENSE_NONE
		     : rc == SQLITE_OK && stmt == NULL ? SENSE_BLANK
						       : SENSE_STATEMENT;
	return 0;
}

static int
check_grammar(const struct assertion *a, struct err *err)
{
	AUTO(database) sqlite3 *db = NULL;
	enum sense alone, inside, rest;
	const char *end = a->sql + a->sql_len;
	char reason[256];

	int rc = sqlite3_open(":memory:", &db);
	if (rc != SQLITE_OK)
		return err_sqlite(err, db, rc, "read an assertion");
	if (parse(db, "", a->sql, a->sql_len, "", &alone, err) < 0)
		return -1;
	text_printable(sqlite3_errmsg(db), reason, sizeof(reason));
	if (alone == SENSE_NONE)
		return err_set(err, ERR_USAGE, 0, "%s", reason);
	/* A comment may be its end: the parenthesis has a line of its own. */
	if (parse(db, "SELECT * FROM (", a->sql, a->sql_len, "\n)", &inside,
		err) < 0 ||
	    parse(db, "", end, strlen(end), "", &rest, err) < 0)
		return -1;
	if (inside == SENSE_NONE)
		return err_set(err, ERR_USAGE, 0, "it does more than to read");
	if (rest != SENSE_BLANK)
		return err_set(
		    err, ERR_USAGE, 0, "it is more than one statement");
	return 0;
}

int
assertion_parse(
    const char *text, struct assertion *ret_assertion, struct err *err)
{
	char shown[256];

	if (engine_start(err) < 0)
		return -1;
	if (split(text, ret_assertion, err) == 0 &&
	    first_statement(ret_assertion->sql, &ret_assertion->sql_len, err) ==
		0 &&
	    check_grammar(ret_assertion, err) == 0)
		return 0;
	if (err->kind != ERR_USAGE)
		return -1;
	text_printable(text, shown, sizeof(shown));
	(void)err_within(err, "'%s' cannot be asserted", shown);
	return err_hint(
	    err, "give one SELECT, such as 'SELECT count(*) > 0 FROM users'");
}

/* What tells about a database, and what modules ask for when they are opened. */
static bool
is_harmless_pragma(const char *name)
{
	static const char *const harmless[] = { "application_id",
		"collation_list", "data_version", "encoding",
		"foreign_key_check", "foreign_key_list", "freelist_count",
		"function_list", "index_info", "index_list", "index_xinfo",
		"integrity_check", "module_list", "page_count", "page_size",
		"quick_check", "schema_version", "table_info", "table_list",
		"table_xinfo", "user_version" };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcasecmp(name, harmless[i]) == 0)
			return true;
	return false;
}

/*
 * Writes are let through here: a module such as rtree prepares those to its own
 * tables when it is opened, and SQLite refuses them all when they are run,
 * because the connection may only query.
 */
static int
authorize(void *ctx, int action, const char *first, const char *second,
    const char *database, const char *inside)
{
	(void)ctx, (void)database, (void)inside;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY
								 : SQLITE_OK;
	case SQLITE_PRAGMA:
		return is_harmless_pragma(first) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* Who else asks to stop, and the time that is given. */
struct watch {
	const struct work *outer;
	double until; /* steady seconds */
	bool late;
};

/* work.limit */
static int
is_over(void *ctx, struct err *err)
{
	struct watch *watch = ctx;

	if (work_check(watch->outer, err) < 0)
		return -1;
	watch->late = watch->late || clock_steady() > watch->until;
	return watch->late ? err_set(err, ERR_BUSY, 0, "time is over") : 0;
}

/* Text and blobs; SQLite has terminated both. */
static bool
reads_as_zero(const char *text, size_t len)
{
	char *end = NULL;

	return len == 0 ||
	       (strtod(text, &end) == 0 && end > text && end == text + len);
}

/* check_row: the first one is enough. */
static int
take_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	struct assertion_answer *answer = ctx;
	int type = sqlite3_column_type(row, 0);
	const char *text = NULL;

	if (type == SQLITE_NULL) {
		(void)stpcpy(answer->why, "it gives NULL");
		return 1;
	}
	if (check_text(row, 0, &text, err) < 0) {
		(void)stpcpy(
		    answer->why, "its value needs more memory than there is");
		return 1;
	}
	answer->has_value = true;
	answer->holds =
	    !reads_as_zero(text, (size_t)sqlite3_column_bytes(row, 0));
	text_printable(text, answer->value, sizeof(answer->value));
	return 1;
}

static int
time_for(
    const struct assertion_image *image, double *ret_seconds, struct err *err)
{
	struct stat st;

	*ret_seconds = image->seconds;
	if (image->seconds > 0)
		return 0;
	if (fstat(image->fd, &st) < 0)
		return err_system(err, "look at '%s'", image->name);
	*ret_seconds =
	    ASSERTION_SECONDS + (double)st.st_size / ASSERTION_BYTES_PER_SECOND;
	return 0;
}

static int
ask(const struct assertion *a, const struct assertion_image *image,
    const struct work *work, struct assertion_answer *answer, struct err *err)
{
	AUTO(image) sqlite3 *db = NULL;
	struct check_result result;

	if (image_open(image->fd, image->name, work, &db, err) < 0)
		return -1;
	(void)sqlite3_db_config(
	    db, SQLITE_DBCONFIG_ENABLE_VIEW, 1, (int *)NULL);
	(void)sqlite3_set_authorizer(db, authorize, NULL);

	const struct check check = { .db = db, .name = image->name };
	if (check_run(&check, take_row, answer, &result, err, "%.*s",
		(int)a->sql_len, a->sql) < 0)
		return -1;
	if (result.end != CHECK_RAN) {
		*answer = (struct assertion_answer){ .holds = false };
		(void)stpcpy(answer->why, result.reason);
	} else if (!answer->has_value && answer->why[0] == '\0') {
		(void)stpcpy(answer->why, "it gives no row");
	}
	return 0;
}

int
assertion_ask(const struct assertion *assertion,
    const struct assertion_image *image, struct assertion_answer *ret_answer,
    struct err *err)
{
	double seconds = 0;

	*ret_answer = (struct assertion_answer){ .holds = false };
	if (time_for(image, &seconds, err) < 0)
		return -1;
	struct watch watch = {
		.outer = image->work,
		.until = clock_steady() + seconds,
	};
	const struct work work = { .limit = is_over, .limit_ctx = &watch };

	if (ask(assertion, image, &work, ret_answer, err) == 0)
		return 0;
	if (!watch.late)
		return -1;
	*ret_answer = (struct assertion_answer){ .holds = false };
	(void)snprintf(ret_answer->why, sizeof(ret_answer->why),
	    "there was no answer within %.0f s", seconds);
	return 0;
}
