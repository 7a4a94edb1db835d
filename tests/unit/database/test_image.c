#include "database/image.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "database/engine.h"
#include "tests/unit/shared/fresh.h"

/*
 * A database in a file that has no name any more: made as a named one, then
 * unlinked, so that only the descriptor leads to it.
 */
static int
nameless(const char *sql)
{
	char folder[FRESH_BYTES];
	char path[FRESH_BYTES + 8];
	sqlite3 *db = NULL;

	struct err err = { 0 };

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	fresh_folder(folder);
	(void)snprintf(path, sizeof(path), "%s/db", folder);
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(folder), 0, "SQLite left files behind");
	return fd;
}

static int
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK,
	    "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW, "%s", sqlite3_errmsg(db));
	int value = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return value;
}

static void
reads_as(const char *mode)
{
	struct err err = { 0 };
	char sql[200];
	AUTO(image) sqlite3 *db = NULL;

	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA journal_mode=%s; CREATE TABLE t(a);"
	    "INSERT INTO t VALUES(1),(2),(40)",
	    mode);
	AUTO(fd) int fd = nameless(sql);
	cr_assert_eq(image_open(fd, "x", NULL, &db, &err), 0, "%s", err.text);
	cr_assert_eq(number(db, "SELECT sum(a) FROM t"), 43);
	cr_assert_eq(image_trouble(db, &err), 0);
}

Test(image, reads_a_rollback_database)
{
	reads_as("DELETE");
}

Test(image, reads_a_wal_database_without_side_files)
{
	reads_as("WAL");
}

Test(image, leaves_the_file_as_it_is)
{
	struct err err = { 0 };
	AUTO(fd)
	int fd = nameless("PRAGMA journal_mode=WAL; CREATE TABLE t(a)");
	uint8_t versions[2] = { 0 };

	sqlite3 *db = NULL;
	cr_assert_eq(image_open(fd, "x", NULL, &db, &err), 0);
	cr_assert_eq(
	    sqlite3_exec(db, "INSERT INTO t VALUES(1)", NULL, NULL, NULL) &
		0xff,
	    SQLITE_READONLY);
	image_close(db);
	cr_assert_eq(pread(fd, versions, 2, 18), 2);
	cr_assert_eq(versions[0], 2);
	cr_assert_eq(versions[1], 2);
	cr_assert_neq(fcntl(fd, F_GETFD), -1, "the descriptor was closed");
}

Test(image, two_images_at_once)
{
	struct err err = { 0 };
	AUTO(fd)
	int first = nameless("CREATE TABLE t(a);"
			     "INSERT INTO t VALUES(1)");
	AUTO(fd)
	int second = nameless("CREATE TABLE t(a);"
			      "INSERT INTO t VALUES(2)");
	AUTO(image) sqlite3 *a = NULL;
	AUTO(image) sqlite3 *b = NULL;

	cr_assert_eq(image_open(first, "a", NULL, &a, &err), 0);
	cr_assert_eq(image_open(second, "b", NULL, &b, &err), 0);
	cr_assert_eq(number(a, "SELECT a FROM t"), 1);
	cr_assert_eq(number(b, "SELECT a FROM t"), 2);
}

Test(image, schema_is_not_trusted)
{
	struct err err = { 0 };
	AUTO(fd) int fd = nameless("CREATE TABLE t(a)");
	AUTO(image) sqlite3 *db = NULL;

	cr_assert_eq(image_open(fd, "x", NULL, &db, &err), 0);
	cr_assert_eq(number(db, "PRAGMA trusted_schema"), 0);
	cr_assert_eq(number(db, "PRAGMA query_only"), 1);
	cr_assert_neq(
	    sqlite3_exec(db, "ATTACH ':memory:' AS x", NULL, NULL, NULL),
	    SQLITE_OK);
	cr_assert_neq(
	    sqlite3_exec(db, "SELECT load_extension('x')", NULL, NULL, NULL),
	    SQLITE_OK);
}

/* Opened for writing only: fstat() works and pread() does not. */
static int
unreadable(int fd)
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int blind = open(link, O_WRONLY | O_CLOEXEC);
	cr_assert_geq(blind, 0);
	return blind;
}

Test(image, a_read_error_when_opening)
{
	struct err err = { 0 };
	sqlite3 *db = NULL;
	AUTO(fd) int fd = nameless("CREATE TABLE t(a)");
	AUTO(fd) int blind = unreadable(fd);

	cr_assert_eq(image_open(blind, "x", NULL, &db, &err), -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_not_null(strstr(err.text, "Bad file descriptor"));
}

Test(image, a_read_error_later)
{
	struct err err = { 0 };
	AUTO(image) sqlite3 *db = NULL;
	AUTO(fd) int fd = nameless("CREATE TABLE t(a)");
	AUTO(fd) int blind = unreadable(fd);

	cr_assert_eq(image_open(fd, "x", NULL, &db, &err), 0);
	cr_assert_eq(image_trouble(db, &err), 0);
	cr_assert_eq(dup2(blind, fd), fd);
	cr_assert_neq(
	    sqlite3_exec(db, "SELECT * FROM t", NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(image_trouble(db, &err), -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_not_null(strstr(err.text, "read 'x'"), "%s", err.text);
}

Test(image, a_stop_request_ends_a_statement)
{
	struct err err = { 0 };
	struct work work = { .phase = NULL };
	AUTO(fd) int fd = nameless("CREATE TABLE t(a)");
	AUTO(image) sqlite3 *db = NULL;

	cr_assert_eq(image_open(fd, "x", &work, &db, &err), 0);
	cr_assert_eq(number(db, "SELECT count(*) FROM t"), 0);
	atomic_store(&work.stop, SIGTERM);
	cr_assert_eq(sqlite3_exec(db,
			 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
			 "SELECT i + 1 FROM n) SELECT count(*) FROM n",
			 NULL, NULL, NULL),
	    SQLITE_INTERRUPT);
	cr_assert_eq(image_trouble(db, &err), -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
	cr_assert_eq(err.code, SIGTERM);
}
