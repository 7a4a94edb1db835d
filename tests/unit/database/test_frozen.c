/*
 * Everything that is committed is read, and nothing is made, changed or
 * removed, whatever lies beside the database.
 */
#include "database/frozen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(frozen, .init = live_begin, .fini = live_end);

static struct pin *
pin_frozen(void)
{
	struct pin *pin = NULL;

	pinned_inspect_frozen();
	cr_assert_eq(pinned_try(100, NULL, &pin), 0, "%s", pinned_err.text);
	return pin;
}

/* What it reads, and that the folder is afterwards as it was. */
static void
expect_rows(long long rows, bool wal)
{
	char before[4096];

	(void)snprintf(before, sizeof(before), "%s", live_listing());
	struct pin *pin = pin_frozen();
	cr_assert_not(pinned_source.writable);
	cr_assert_eq(pin_facts(pin)->wal, wal);
	cr_assert_eq(pinned_ask(pin, "SELECT count(*) FROM t"), rows);
	cr_assert_eq(
	    pinned_ask(pin, "SELECT count(*) FROM t INDEXED BY u"), rows);
	cr_assert_str_eq(live_listing(), before, "%s", live_listing());
	pinned_let_go(pin);
	cr_assert_str_eq(live_listing(), before, "%s", live_listing());
}

/* 800 rows in the file, 1600 with what is only in the -wal. */
static void
leave_wal(void)
{
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA wal_autocheckpoint = 0;"
			 "INSERT INTO t(b) SELECT b FROM t");
}

Test(frozen, what_is_only_in_the_wal)
{
	leave_wal();
	cr_assert_eq(unlink(live_path("-shm")), 0);
	expect_rows(1600, true);
}

static void
write_shm(const void *bytes, size_t len)
{
	FILE *file = fopen(live_path("-shm"), "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

/* Also the best there can be: a right one, of an older state of the -wal. */
Test(frozen, a_stale_shm_is_not_believed)
{
	uint8_t noise[32768];
	size_t len = 0;

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA wal_autocheckpoint = 0; DELETE FROM t");
	uint8_t *old = live_content(live_path("-shm"), &len);
	live_sql_and_die("PRAGMA wal_autocheckpoint = 0;"
			 "INSERT INTO t VALUES (1, 2), (3, 4)");
	write_shm(old, len);
	expect_rows(2, true);
	memset(noise, 0xa5, sizeof(noise));
	write_shm(noise, sizeof(noise));
	expect_rows(2, true);
	write_shm("", 0);
	expect_rows(2, true);
	free(old);
}

Test(frozen, no_wal_at_all)
{
	live_sql(live_wal_sql);
	cr_assert_neq(access(live_path("-wal"), F_OK), 0);
	expect_rows(800, true);
}

Test(frozen, an_empty_wal)
{
	live_sql(live_wal_sql);
	int fd = open(live_path("-wal"), O_CREAT | O_WRONLY, 0600);
	cr_assert_geq(fd, 0);
	(void)close(fd);
	expect_rows(800, true);
}

/* The last commit's frame is damaged, then cut: the commit before it counts. */
Test(frozen, a_wal_that_ends_in_the_middle_of_a_commit)
{
	leave_wal();
	const char *wal = live_path("-wal");
	struct stat st;
	cr_assert_eq(stat(wal, &st), 0);
	live_sql_and_die("PRAGMA wal_autocheckpoint = 0;"
			 "INSERT INTO t(b) VALUES (1)");
	wal = live_path("-wal");
	FILE *file = fopen(wal, "r+b");
	cr_assert_not_null(file);
	cr_assert_eq(fseek(file, -10, SEEK_END), 0);
	cr_assert_eq(fwrite("?", 1, 1, file), 1);
	cr_assert_eq(fclose(file), 0);
	expect_rows(1600, true);
	cr_assert_eq(truncate(live_path("-wal"), st.st_size + 50), 0);
	expect_rows(1600, true);
}

/* More frames than one piece of the index takes. */
Test(frozen, a_wal_of_many_thousand_frames)
{
	char sql[2000] = "PRAGMA wal_autocheckpoint = 0;";

	live_sql("PRAGMA page_size = 512; PRAGMA journal_mode = WAL;"
		 "CREATE TABLE t(a INTEGER PRIMARY KEY, b); "
		 "CREATE INDEX u ON t(b)");
	(void)strcat(sql,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "LIMIT 12000) INSERT INTO t SELECT i, hex(randomblob(200)) "
	    "FROM n");
	live_sql_and_die(sql);
	struct stat st;
	cr_assert_eq(stat(live_path("-wal"), &st), 0);
	cr_assert_gt(st.st_size / 536, 3 * 4096);
	cr_assert_eq(unlink(live_path("-shm")), 0);
	expect_rows(12000, true);

	struct pin *pin = pin_frozen();
	uint64_t frames = 0, left = 0;
	pin_wal_state(pin, &frames, &left);
	cr_assert_eq(frames, ((uint64_t)st.st_size - 32) / 536);
	cr_assert_eq(left, frames);
	pinned_let_go(pin);
}

/* The header says nothing of a WAL, but there is one, and SQLite reads it. */
Test(frozen, a_wal_beside_a_rollback_header)
{
	leave_wal();
	live_spoil(18, "\1\1", 2);
	expect_rows(1600, true);
}

Test(frozen, a_rollback_database)
{
	live_sql(live_wal_sql);
	live_sql("PRAGMA journal_mode = PERSIST; DELETE FROM t WHERE a > 5");
	expect_rows(5, false);
}

Test(frozen, a_hot_journal_stays_one)
{
	live_sql(live_wal_sql);
	live_sql("PRAGMA journal_mode = DELETE");
	live_sql_and_die("PRAGMA cache_size = 5; BEGIN;"
			 "UPDATE t SET b = randomblob(900)");
	char before[4096];
	(void)snprintf(before, sizeof(before), "%s", live_listing());
	pinned_inspect_frozen();
	pinned_refuse(ERR_INPUT, "was left in the middle of a transaction",
	    "run on the copy: sqlite3 COPY 'PRAGMA schema_version'");
	cr_assert_str_eq(live_listing(), before);
}

/* Neither the folder nor a file can be written, and the owner is another. */
Test(frozen, where_nothing_can_be_written)
{
	if (live_not_root())
		cr_skip_test("needs root");
	leave_wal();
	cr_assert_eq(unlink(live_path("-shm")), 0);
	cr_assert_eq(chmod(live_db, 0444), 0);
	cr_assert_eq(chmod(live_path("-wal"), 0444), 0);
	cr_assert_eq(chmod(live_folder, 0555), 0);
	live_become(live_nobody);
	expect_rows(1600, true);
	live_return();
	cr_assert_eq(chmod(live_path("-wal"), 0400), 0);
	live_become(live_nobody);
	cr_assert_eq(
	    source_inspect_frozen(live_db, &pinned_source, &pinned_err), -1);
	cr_assert_eq(pinned_err.kind, ERR_INPUT);
	cr_assert_not_null(
	    strstr(pinned_err.text, "app.db-wal' cannot be read"));
	live_return();
}

/* A FIFO in place of the -wal neither holds us nor is it read. */
Test(frozen, a_wal_that_is_no_file)
{
	live_sql(live_wal_sql);
	cr_assert_eq(mkfifo(live_path("-wal"), 0600), 0);
	cr_assert_eq(
	    source_inspect_frozen(live_db, &pinned_source, &pinned_err), -1);
	cr_assert_eq(pinned_err.kind, ERR_INPUT);
}
