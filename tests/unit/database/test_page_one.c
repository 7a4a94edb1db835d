#include "database/page_one.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "database/engine.h"
#include "tests/unit/database/live.h"

TestSuite(page_one, .init = live_begin, .fini = live_end);

static sqlite3 *
open_it(void)
{
	struct err err = { 0 };
	sqlite3 *db = NULL;

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	cr_assert_eq(
	    sqlite3_open_v2(live_db, &db, SQLITE_OPEN_READONLY, NULL), 0);
	return db;
}

static const uint8_t *
seen_by(sqlite3 *db, const char *sql)
{
	page_one_watch();
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return page_one_seen();
}

/* Every page size, whatever SQLite assumed before it knew. */
Test(page_one, is_the_files)
{
	for (int size = 512; size <= 65536; size *= 2) {
		char sql[400];
		size_t len = 0;

		(void)snprintf(sql, sizeof(sql), "PRAGMA page_size = %d; %s",
		    size, live_wal_sql);
		live_sql(sql);
		uint8_t *file = live_content(live_db, &len);
		sqlite3 *db = open_it();
		const uint8_t *page =
		    seen_by(db, "BEGIN; PRAGMA schema_version");
		cr_assert_not_null(page);
		cr_assert_arr_eq(page, file, (size_t)size);

		/* Other pages come and go, this one stays. */
		cr_assert_eq(sqlite3_exec(db,
				 "PRAGMA cache_size = 10;"
				 "SELECT sum(length(b)) FROM t",
				 NULL, NULL, NULL),
		    SQLITE_OK);
		cr_assert_arr_eq(page, file, (size_t)size);
		cr_assert_eq(sqlite3_close(db), SQLITE_OK);
		free(file);
		cr_assert_eq(remove(live_db), 0);
		(void)remove(live_path("-wal"));
		(void)remove(live_path("-shm"));
	}
}

Test(page_one, is_the_newest_in_the_wal)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("PRAGMA user_version = 4711");
	size_t len = 0;
	uint8_t *file = live_content(live_db, &len);
	sqlite3 *db = open_it();
	const uint8_t *page = seen_by(db, "BEGIN; PRAGMA schema_version");

	cr_assert_not_null(page);
	cr_assert_eq(page[62] << 8 | page[63], 4711);
	cr_assert_eq(file[62] << 8 | file[63], 0);
	free(file);
	(void)sqlite3_close(db);
	live_dismiss(other);
}

Test(page_one, none_without_a_read)
{
	live_sql(live_wal_sql);
	sqlite3 *db = open_it();

	cr_assert_null(seen_by(db, "BEGIN"));
	cr_assert_not_null(seen_by(db, "PRAGMA schema_version"));
	cr_assert_null(page_one_seen());
	cr_assert_eq(sqlite3_exec(db, "ROLLBACK; SELECT * FROM t LIMIT 1", NULL,
			 NULL, NULL),
	    SQLITE_OK);
	cr_assert_null(page_one_seen());
	(void)sqlite3_close(db);
}

static void *
read_there(void *db)
{
	(void)sqlite3_exec(db, "SELECT * FROM t LIMIT 1", NULL, NULL, NULL);
	return NULL;
}

Test(page_one, other_threads_do_not_count)
{
	pthread_t thread;

	live_sql(live_wal_sql);
	sqlite3 *db = open_it();
	page_one_watch();
	cr_assert_eq(pthread_create(&thread, NULL, read_there, db), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_null(page_one_seen());
	(void)sqlite3_close(db);
}
