/*
 * Somebody who has the database open and does not let go.
 *
 * usage: holder DATABASE read|write|exclusive|exclusive-wal|memory|idle
 *
 *   read           a read transaction
 *   write          BEGIN IMMEDIATE: the write lock
 *   exclusive      BEGIN EXCLUSIVE: in rollback-journal mode nobody can read
 *   exclusive-wal  WAL with locking_mode=EXCLUSIVE: no -shm, nobody gets in
 *   memory         a write without a -journal: journal_mode=MEMORY
 *   idle           a connection that has read once and holds no transaction
 *
 * Says "ready" once it holds, and holds until its standard input ends.
 */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

static const struct {
	const char *name;
	const char *sql;
} holds[] = {
	{ "read", "BEGIN; SELECT count(*) FROM sqlite_schema" },
	{ "write", "BEGIN IMMEDIATE" },
	{ "exclusive", "BEGIN EXCLUSIVE" },
	{ "exclusive-wal",
	    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
	    "CREATE TABLE IF NOT EXISTS held(x); INSERT INTO held VALUES(1)" },
	{ "memory",
	    "PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE;"
	    "CREATE TABLE IF NOT EXISTS held(x); INSERT INTO held VALUES(1)" },
	{ "idle", "SELECT count(*) FROM sqlite_schema" },
};

int
main(int argc, char **argv)
{
	const char *sql = NULL;
	sqlite3 *db = NULL;

	for (size_t i = 0; argc == 3 && i < sizeof(holds) / sizeof(holds[0]);
	     i++)
		if (strcmp(argv[2], holds[i].name) == 0)
			sql = holds[i].sql;
	if (sql == NULL) {
		(void)fprintf(stderr,
		    "usage: holder DATABASE "
		    "read|write|exclusive|exclusive-wal|memory|idle\n");
		return 2;
	}
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK ||
	    sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		(void)fprintf(stderr, "holder: %s: %s\n", argv[1],
		    db == NULL ? "no memory" : sqlite3_errmsg(db));
		(void)sqlite3_close(db);
		return 1;
	}
	(void)puts("ready");
	(void)fflush(stdout);
	while (getchar() != EOF)
		continue;
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
