/* What is asked of a restored database, by whom and about what one may not
 * trust. */
#include "database/assertion.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/engine.h"
#include "images.h"

static struct assertion_answer answer;

static int
ask_within(int fd, const char *text, double seconds, const struct work *work,
    struct err *err)
{
	struct assertion assertion;

	cr_assert_eq(assertion_parse(text, &assertion, err), 0, "%s: %s", text,
	    err->text);
	const struct assertion_image image = {
		.fd = fd,
		.name = "x",
		.work = work,
		.seconds = seconds,
	};
	return assertion_ask(&assertion, &image, &answer, err);
}

static void
ask(int fd, const char *text)
{
	struct err err = { 0 };

	cr_assert_eq(
	    ask_within(fd, text, 0, NULL, &err), 0, "%s: %s", text, err.text);
}

static void
expect_value(int fd, const char *text, bool holds, const char *value)
{
	ask(fd, text);
	cr_expect_eq(answer.holds, holds, "%s", text);
	cr_expect(answer.has_value, "%s", text);
	cr_expect_str_eq(answer.value, value, "%s", text);
	cr_expect_str_empty(answer.why);
}

static void
expect_reason(int fd, const char *text, const char *why)
{
	ask(fd, text);
	cr_expect_not(answer.holds, "%s", text);
	cr_expect_not(answer.has_value, "%s", text);
	cr_expect(strstr(answer.why, why) != NULL, "%s: %s", text, answer.why);
}

Test(assertion, something_holds_and_nothing_does_not)
{
	AUTO(fd) int fd = image_with("CREATE TABLE t(a)");
	static const struct {
		const char *sql;
		bool holds;
		const char *value;
	} cases[] = {
		{ "SELECT 1", true, "1" },
		{ "SELECT -1", true, "-1" },
		{ "SELECT 0.5", true, "0.5" },
		{ "SELECT 'anna'", true, "anna" },
		{ "SELECT '0 rows'", true, "0 rows" },
		{ "SELECT 'nan'", true, "nan" },
		{ "SELECT ' '", true, " " },
		{ "SELECT x'31'", true, "1" },
		{ "SELECT 1, 0", true, "1" },
		{ "VALUES (1), (0)", true, "1" },
		{ "WITH x(i) AS (VALUES (7)) SELECT i FROM x", true, "7" },
		{ "SELECT 0", false, "0" },
		{ "SELECT 0.0", false, "0.0" },
		{ "SELECT -0.0", false, "0.0" },
		{ "SELECT '0'", false, "0" },
		{ "SELECT '0.00'", false, "0.00" },
		{ "SELECT ''", false, "" },
		{ "SELECT x''", false, "" },
		{ "SELECT 0, 1", false, "0" },
		{ "VALUES (0), (1)", false, "0" },
		{ "SELECT count(*) FROM t", false, "0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_value(fd, cases[i].sql, cases[i].holds, cases[i].value);
	expect_reason(fd, "SELECT NULL", "it gives NULL");
	expect_reason(fd, "SELECT max(a) FROM t", "it gives NULL");
	expect_reason(fd, "SELECT a FROM t", "it gives no row");
}

Test(assertion, what_sqlite_cannot_answer_does_not_hold)
{
	AUTO(fd)
	int fd = image_with("CREATE TABLE t(a TEXT COLLATE APP);"
			    "CREATE INDEX i ON t(a);"
			    "INSERT INTO t VALUES ('x'), ('y')");

	expect_reason(fd, "SELECT 1 FROM users", "no such table: users");
	expect_reason(fd, "SELECT nosuch(1)", "no such function: nosuch");
	expect_reason(fd, "SELECT app(1)", "no such function: app");
	expect_reason(fd, "SELECT a FROM t ORDER BY a",
	    "no such collation sequence: APP");
	expect_value(fd, "SELECT count(*) FROM t", true, "2");
}

Test(assertion, views_and_facts_of_the_database_can_be_asked)
{
	AUTO(fd)
	int fd = image_with("PRAGMA user_version=12;"
			    "CREATE TABLE t(a); INSERT INTO t VALUES (5);"
			    "CREATE VIEW v AS SELECT a * 2 AS b FROM t");

	expect_value(fd, "SELECT b FROM v", true, "10");
	expect_value(fd, "SELECT user_version >= 12 FROM pragma_user_version",
	    true, "1");
	expect_value(
	    fd, "SELECT count(*) FROM pragma_table_info('t')", true, "1");
	expect_value(
	    fd, "SELECT count(*) = 0 FROM pragma_foreign_key_check", true, "1");
}

Test(assertion, tables_of_modules_can_be_asked)
{
	if (!sqlite3_compileoption_used("ENABLE_RTREE") ||
	    !sqlite3_compileoption_used("ENABLE_FTS5"))
		cr_skip_test("this SQLite lacks rtree or fts5");
	AUTO(fd)
	int fd = image_with("CREATE VIRTUAL TABLE r USING rtree(id, a, b);"
			    "INSERT INTO r VALUES (1, 2, 3);"
			    "CREATE VIRTUAL TABLE f USING fts5(x);"
			    "INSERT INTO f VALUES ('good words')");

	expect_value(fd, "SELECT count(*) FROM r WHERE a < 3", true, "1");
	expect_value(
	    fd, "SELECT x FROM f WHERE f MATCH 'words'", true, "good words");
}

static void
expect_usage(const char *text, const char *why)
{
	struct assertion assertion;
	struct err err = { 0 };

	cr_assert_eq(assertion_parse(text, &assertion, &err), -1, "%s", text);
	cr_expect_eq(err.kind, ERR_USAGE, "%s", text);
	cr_expect(strstr(err.text, why) != NULL, "%s: %s", text, err.text);
	cr_expect(strstr(err.text, "cannot be asserted") != NULL);
	cr_expect_str_not_empty(err.hint);
}

Test(assertion, only_one_select_is_taken)
{
	static const char *const others[] = { "", "  ", "DELETE FROM t",
		"PRAGMA user_version", "PRAGMA user_version=1",
		"ATTACH 'a' AS b", "EXPLAIN SELECT 1", "BEGIN",
		"VACUUM INTO 'x'", "CREATE TABLE t(a)", "SELECTED",
		"name: DELETE FROM t", ": SELECT 1", "select_1" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		expect_usage(others[i], "it does not begin with SELECT");
	expect_usage("SELECT 1 FROM", "incomplete input");
	expect_usage("SELECT FROM t", "near \"FROM\": syntax error");
	expect_usage("SELECT 'x", "unrecognized token");
	expect_usage("SELECT 1 /* ) */ )", "syntax error");
	expect_usage("WITH x AS (SELECT 1) DELETE FROM t", "more than to read");
	expect_usage(
	    "WITH x AS (SELECT 1) INSERT INTO t SELECT 1", "more than to read");
	expect_usage("SELECT 1; SELECT 2", "more than one statement");
	expect_usage(
	    "SELECT 1 FROM t; DROP TABLE t", "more than one statement");
	expect_usage("SELECT 1; ; -- c\n; DROP TABLE t", "more than one");
	expect_usage("SELECT 1; nonsense", "more than one statement");
}

static void
expect_parsed(const char *text, const char *database, const char *sql)
{
	struct assertion a;
	struct err err = { 0 };

	cr_assert_eq(
	    assertion_parse(text, &a, &err), 0, "%s: %s", text, err.text);
	cr_expect_eq(a.database_len, strlen(database), "%s", text);
	cr_expect(a.database_len == 0 ||
		  memcmp(a.database, database, a.database_len) == 0);
	cr_expect_eq(a.sql_len, strlen(sql), "%s", text);
	cr_expect(memcmp(a.sql, sql, a.sql_len) == 0, "%s", text);
}

Test(assertion, a_database_is_named_before_a_colon)
{
	expect_parsed("SELECT 1", "", "SELECT 1");
	expect_parsed(" select 1 ; ", "", "select 1 ");
	expect_parsed("stock.db: SELECT 1", "stock.db", "SELECT 1");
	expect_parsed("stock.db:\n with x as (select 1) select 1;", "stock.db",
	    "with x as (select 1) select 1");
	expect_parsed("a: b:VALUES(1)", "a: b", "VALUES(1)");
	expect_parsed("SELECT ': SELECT 1'", "", "SELECT ': SELECT 1'");
	expect_parsed("SELECT ';' -- ; x", "", "SELECT ';' -- ; x");
	expect_parsed("SELECT 1; -- ; x", "", "SELECT 1");
}

Test(assertion, an_endless_question_ends)
{
	AUTO(fd) int fd = image_with("CREATE TABLE t(a)");
	struct err err = { 0 };
	double begin = clock_steady();

	cr_assert_eq(ask_within(fd,
			 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
			 "i + 1 FROM n) SELECT count(*) FROM n",
			 0.2, NULL, &err),
	    0, "%s", err.text);
	cr_expect_not(answer.holds);
	cr_expect(strstr(answer.why, "no answer within 0 s") != NULL, "%s",
	    answer.why);
	double took = clock_steady() - begin;
	cr_expect(took >= 0.2 && took < 10, "took %f s", took);
}

Test(assertion, a_stop_request_ends_it_and_is_no_answer)
{
	AUTO(fd) int fd = image_with("CREATE TABLE t(a)");
	struct err err = { 0 };
	const struct work work = { .stop = SIGTERM };

	cr_assert_eq(
	    ask_within(fd, "SELECT count(*) FROM t", 0, &work, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
}

Test(assertion, memory_is_bounded)
{
	AUTO(fd) int fd = image_with("CREATE TABLE t(a)");

	expect_reason(
	    fd, "SELECT length(randomblob(1000000000))", "out of memory");
	expect_reason(fd,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	    "SELECT group_concat(hex(randomblob(1000000))) FROM n",
	    "");
	cr_expect_leq(sqlite3_memory_highwater(0), ENGINE_HEAP_MAX);
}

/* A stranger's archive may have any schema: its views only run when asked. */
Test(assertion, a_hostile_view_can_do_nothing)
{
	AUTO(fd)
	int fd =
	    image_with("CREATE TABLE t(a); INSERT INTO t VALUES (1);"
		       "CREATE VIEW l AS SELECT load_extension('/tmp/x');"
		       "CREATE VIEW p AS SELECT * FROM pragma_journal_mode;"
		       "CREATE VIEW s AS SELECT * FROM pragma_hard_heap_limit");

	ask(fd, "SELECT * FROM l");
	cr_expect_not(answer.holds);
	ask(fd, "SELECT * FROM p");
	cr_expect_not(answer.holds);
	ask(fd, "SELECT * FROM s");
	cr_expect_not(answer.holds);
	expect_reason(fd, "SELECT load_extension('/tmp/x')", "not authorized");
	expect_reason(
	    fd, "SELECT * FROM pragma_journal_mode", "not authorized");
	expect_reason(
	    fd, "SELECT * FROM pragma_optimize(65534)", "not authorized");
	expect_reason(
	    fd, "SELECT * FROM pragma_hard_heap_limit", "not authorized");
}

/* Nothing that a module prepares for its own tables is ever run. */
Test(assertion, what_modules_could_write_is_refused)
{
	if (!sqlite3_compileoption_used("ENABLE_FTS5"))
		cr_skip_test("this SQLite lacks fts5");
	AUTO(fd)
	int fd = image_with("CREATE VIRTUAL TABLE f USING fts5(x);"
			    "INSERT INTO f VALUES ('a')");
	struct err err = { 0 };
	struct assertion writes = {
		.sql = "INSERT INTO f(f) VALUES ('optimize')",
	};
	const struct assertion_image image = { .fd = fd, .name = "x" };

	writes.sql_len = strlen(writes.sql);
	cr_assert_eq(assertion_ask(&writes, &image, &answer, &err), 0);
	cr_expect(strstr(answer.why, "readonly") != NULL, "%s", answer.why);
}
