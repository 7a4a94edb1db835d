/*
 * An application that does anything: one piece of random work on a database.
 *
 * usage: churn FILE SEED [--bytes N]
 *
 * Makes the database when there is none (4096-byte pages, WAL, auto_vacuum by
 * the seed), else does one thing to it, which the seed chooses: inserts, updates or deletes rows, builds or drops an index, grows
 * by large values, vacuums (all or some), changes only a number in the header,
 * or nothing.  --bytes is about how large it may grow.
 *
 * Like half of all applications it sometimes ends without a checkpoint, so that
 * what it did is only in the -wal.  Says what it did in one word.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/shared/sql.h"

static uint64_t random_state;

static uint64_t
next_random(void)
{
	/* splitmix64 */
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int
below(int limit)
{
	return (int)(next_random() % (uint64_t)limit);
}

static sqlite3_int64
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK ||
	    sqlite3_step(row) != SQLITE_ROW)
		sql_die(db, "%s", sql);
	sqlite3_int64 answer = sqlite3_column_int64(row, 0);
	(void)sqlite3_finalize(row);
	return answer;
}

static void
insert(sqlite3 *db, int rows, int bytes)
{
	sql_run(db,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < %d) INSERT INTO thing(key, name, data) SELECT "
	    "random() %% 100000, hex(randomblob(10)), randomblob(%d) FROM n",
	    rows, bytes);
}

static void
create(sqlite3 *db)
{
	sql_run(db, "PRAGMA auto_vacuum = %d", below(3));
	sql_run(db, "PRAGMA journal_mode = WAL");
	sql_run(db, "CREATE TABLE thing(id INTEGER PRIMARY KEY, key INTEGER, "
		    "name TEXT, data BLOB)");
	sql_run(db, "CREATE INDEX thing_key ON thing(key)");
	insert(db, 500, 600);
}

static const char *
index_or_not(sqlite3 *db)
{
	if (ask(db, "SELECT count(*) FROM sqlite_schema WHERE "
		    "name = 'thing_name'") == 0) {
		sql_run(db, "CREATE INDEX thing_name ON thing(name)");
		return "index";
	}
	sql_run(db, "DROP INDEX thing_name");
	return "drop";
}

static const char *
work(sqlite3 *db)
{
	switch (below(12)) {
	case 0:
	case 1:
	case 2:
		insert(db, 1 + below(60), 20 + below(400));
		return "insert";
	case 3:
	case 4:
		sql_run(db,
		    "UPDATE thing SET data = randomblob(length(data)) WHERE "
		    "id %% 97 = %d",
		    below(97));
		return "update";
	case 5:
		sql_run(db, "DELETE FROM thing WHERE id %% 7 = %d", below(7));
		return "delete";
	case 6:
		return index_or_not(db);
	case 7:
		insert(db, 1 + below(3), 20000 + below(60000));
		return "grow";
	case 8:
		sql_run(db, "VACUUM");
		return "vacuum";
	case 9:
		sql_run(db, "PRAGMA incremental_vacuum(20)");
		return "trim";
	case 10:
		sql_run(db, "PRAGMA user_version = %d", below(1000000));
		return "header";
	default:
		return "nothing";
	}
}

int
main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	sqlite3_int64 most = 2000000;

	if (argc != 3 && !(argc == 5 && strcmp(argv[3], "--bytes") == 0)) {
		(void)fprintf(stderr, "usage: churn FILE SEED [--bytes N]\n");
		return 2;
	}
	if (argc == 5)
		most = strtoll(argv[4], NULL, 10);
	random_state = strtoull(argv[2], NULL, 10);
	if (sqlite3_open(argv[1], &db) != SQLITE_OK)
		sql_die(db, "%s", argv[1]);
	(void)sqlite3_busy_timeout(db, 10000);
	bool fresh = ask(db, "SELECT count(*) FROM sqlite_schema") == 0;
	const char *done = "create";
	if (fresh) {
		create(db);
	} else if (ask(db, "PRAGMA page_count") * 4096 > most) {
		sql_run(db, "DELETE FROM thing WHERE id %% 2 = 0");
		sql_run(db, "VACUUM");
		done = "shrink";
	} else {
		done = work(db);
	}
	if (below(2) == 0)
		(void)sqlite3_db_config(
		    db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_close(db) != SQLITE_OK)
		sql_die(db, "close");
	(void)printf("%s\n", done);
	return 0;
}
