/*
 * An application that keeps several databases, which mean something only
 * together: it moves money between them.
 *
 * usage: mover attach|sequence JOURNAL DATABASE...
 *
 * Each database has a count of moves and a purse.  `attach` writes to all of
 * them in one transaction: in any state that was committed all counts are
 * equal and the purses add up.  `sequence` commits to one after the other, each
 * in a transaction of its own: the first count is never less than the second,
 * that never less than the third, and the last at most one behind the first.
 * JOURNAL: a mode for all of them, or several with ',' between them, one each.
 *
 * Says "ready" after its first move and runs until SIGTERM; then one line of
 * JSON.  The status is 1 when SQLite refused anything.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

enum { DATABASES_MAX = 9, BUSY_MS = 20000 };

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void
run(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK)
		return;
	printf("{\"error\":\"%s\"}\n", why == NULL ? "?" : why);
	exit(1);
}

static sqlite3 *
open_database(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK) {
		printf("{\"error\":\"%s\"}\n", sqlite3_errmsg(db));
		exit(1);
	}
	(void)sqlite3_busy_timeout(db, BUSY_MS);
	return db;
}

static void
make_database(const char *path, const char *journal)
{
	sqlite3 *db = open_database(path);
	char sql[400];

	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA journal_mode=%.*s; PRAGMA synchronous=NORMAL;"
	    "CREATE TABLE IF NOT EXISTS move(n INTEGER, purse INTEGER, x BLOB);"
	    "INSERT INTO move SELECT 0, 1000, randomblob(20000)"
	    "  WHERE NOT EXISTS (SELECT * FROM move)",
	    (int)strcspn(journal, ","), journal);
	run(db, sql);
	(void)sqlite3_close(db);
}

static void
move_in(sqlite3 *db, const char *schema, int amount)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE %s.move SET n = n + 1, purse = purse + %d, "
	    "x = randomblob(%d)",
	    schema, amount, 1000 + rand() % 3000);
	run(db, sql);
}

/* One transaction over all of them: what one loses another one gets. */
static void
move_attached(sqlite3 *db, int count)
{
	int amount = rand() % 50;
	char schema[20];

	run(db, "BEGIN IMMEDIATE");
	for (int i = 0; i < count; i++) {
		(void)snprintf(
		    schema, sizeof(schema), i == 0 ? "main" : "d%d", i);
		move_in(db, schema,
		    i == 0	     ? -amount
		    : i + 1 == count ? amount
				     : 0);
	}
	run(db, "COMMIT");
}

static sqlite3 *
attach_all(char **paths, int count)
{
	sqlite3 *db = open_database(paths[0]);

	for (int i = 1; i < count; i++) {
		char *sql = sqlite3_mprintf("ATTACH %Q AS d%d", paths[i], i);

		run(db, sql);
		sqlite3_free(sql);
	}
	run(db, "PRAGMA synchronous=NORMAL");
	return db;
}

int
main(int argc, char **argv)
{
	sqlite3 *dbs[DATABASES_MAX] = { NULL };
	int count = argc - 3;
	unsigned long moves = 0;

	if (count < 1 || count > DATABASES_MAX)
		return 2;
	(void)signal(SIGTERM, stop);
	bool attach = strcmp(argv[1], "attach") == 0;
	const char *journal = argv[2];
	for (int i = 0; i < count; i++) {
		make_database(argv[3 + i], journal);
		const char *next = strchr(journal, ',');
		journal = next == NULL ? journal : next + 1;
	}
	if (attach)
		dbs[0] = attach_all(argv + 3, count);
	for (int i = 0; !attach && i < count; i++)
		dbs[i] = open_database(argv[3 + i]);
	while (!stopped) {
		if (attach)
			move_attached(dbs[0], count);
		for (int i = 0; !attach && i < count; i++)
			move_in(dbs[i], "main", 0);
		if (moves++ == 0) {
			printf("ready\n");
			(void)fflush(stdout);
		}
	}
	for (int i = 0; i < count; i++)
		(void)sqlite3_close(dbs[i]);
	printf("{\"moves\":%lu}\n", moves);
	return 0;
}
