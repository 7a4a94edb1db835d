#include "database/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "database/engine.h"

/* What came out of the tap. */
static struct {
	uint32_t numbers[4096];
	unsigned count;
	uint32_t page_size;
	uint8_t *image;
	uint32_t fail_at; /* 0: never */
} got;

static int
take(void *ctx, uint32_t number, const uint8_t *page, uint32_t page_size,
    struct err *err)
{
	cr_assert_eq(ctx, &got);
	if (number == got.fail_at)
		return err_set(err, ERR_NO_SPACE, 28, "the disk is full");
	got.numbers[got.count++] = number;
	got.page_size = page_size;
	got.image = realloc(got.image, (size_t)4096 * page_size);
	memcpy(got.image + (size_t)(number - 1) * page_size, page, page_size);
	return 0;
}

static sqlite3 *
make(const char *sql)
{
	struct err err = { 0 };
	sqlite3 *db = NULL;

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static int
copy(sqlite3 *db, struct tap *tap)
{
	struct err err = { 0 };
	sqlite3 *to = NULL;

	cr_assert_eq(tap_open(tap, &to, &err), 0, "%s", err.text);
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db, "main");
	cr_assert_not_null(backup);
	int rc = SQLITE_OK;
	while (rc == SQLITE_OK)
		rc = sqlite3_backup_step(backup, 10);
	(void)sqlite3_backup_finish(backup);
	cr_assert_eq(sqlite3_close(to), SQLITE_OK);
	return rc;
}

static const char rows[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    " LIMIT 1500) INSERT INTO t SELECT i, randomblob(300) FROM n;";

static void
copies(const char *pragma)
{
	struct tap tap = { .page = take, .ctx = &got };
	sqlite3_int64 size = 0;
	char sql[600];

	(void)snprintf(sql, sizeof(sql), "%s; %s", pragma, rows);
	sqlite3 *db = make(sql);
	uint8_t *image = sqlite3_serialize(db, "main", &size, 0);
	got.count = 0;
	cr_assert_eq(copy(db, &tap), SQLITE_DONE);
	cr_assert_eq(tap.err.kind, ERR_NONE);
	cr_assert_eq((sqlite3_int64)got.count * got.page_size, size);

	/* 2 to N ascend, and page 1 is among them once. */
	uint32_t next = 2;
	for (unsigned i = 0; i < got.count; i++)
		if (got.numbers[i] != 1)
			cr_assert_eq(got.numbers[i], next++);
	cr_assert_eq(next, got.count + 1);
	cr_assert_arr_eq(got.image + got.page_size, image + got.page_size,
	    (size_t)size - got.page_size);
	sqlite3_free(image);
	(void)sqlite3_close(db);
}

Test(tap, hands_on_every_page_in_order)
{
	copies("PRAGMA page_size = 512");
	copies("PRAGMA page_size = 1024; PRAGMA auto_vacuum = 1");
	copies("PRAGMA page_size = 4096");
	copies("PRAGMA page_size = 65536");
	free(got.image);
}

Test(tap, the_reason_comes_back_and_nothing_more_is_taken)
{
	struct tap tap = { .page = take, .ctx = &got };
	sqlite3 *db = make(rows);

	for (uint32_t page = 1; page < 80; page += 13) {
		got.fail_at = page;
		got.count = 0;
		int rc = copy(db, &tap);
		cr_assert_neq(rc, SQLITE_DONE);
		cr_assert_eq(tap.err.kind, ERR_NO_SPACE);
		cr_assert_str_eq(tap.err.text, "the disk is full");
		for (unsigned i = 0; i < got.count; i++)
			cr_assert_lt(got.numbers[i] == 1 ? 0 : got.numbers[i],
			    page == 1 ? 4096 : page);
	}
	free(got.image);
	(void)sqlite3_close(db);
}

/* Used for something else it gives nothing back, and says so. */
Test(tap, is_no_database_to_read_from)
{
	struct tap tap = { .page = take, .ctx = &got };
	struct err err = { 0 };
	sqlite3 *db = NULL;

	cr_assert_eq(engine_start(&err), 0);
	cr_assert_eq(tap_open(&tap, &db, &err), 0, "%s", err.text);
	cr_assert_eq(
	    sqlite3_exec(db, "CREATE TABLE t(a)", NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(got.count, 2);
	cr_assert_eq(sqlite3_db_release_memory(db), SQLITE_OK);
	cr_assert_eq(
	    sqlite3_exec(db, "SELECT * FROM t", NULL, NULL, NULL) & 0xff,
	    SQLITE_IOERR);
	cr_assert_not_null(strstr(tap.err.text, "wants to read byte"));
	(void)sqlite3_close(db);
	free(got.image);
}
