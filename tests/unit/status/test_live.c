/* What is no database any more, and what nobody can tell. */
#include "status/live.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "database/engine.h"
#include "tests/unit/shared/folder.h"

/* Before SQLite is used for anything else. */
static void
begin(void)
{
	struct err err = { 0 };

	folder_make();
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
}

TestSuite(live, .init = begin, .fini = folder_remove);

static struct live
look(const char *name)
{
	struct live live;

	live_look(folder_path(name), &live);
	return live;
}

static void
make_database(const char *name)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(folder_path(name), &db), SQLITE_OK);
	cr_assert_eq(
	    sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(live, a_database)
{
	make_database("app.db");
	struct live live = look("app.db");
	cr_expect_eq(live.state, LIVE_THERE, "%s", live.text);
	cr_expect_eq(live.bytes, 8192u);
	/* Also by a link. */
	cr_assert_eq(symlink("app.db", folder_path("link.db")), 0);
	cr_expect_eq(look("link.db").state, LIVE_THERE);
}

/* In WAL mode pages may be in the WAL that the main file does not have. */
Test(live, a_database_and_its_wal)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(folder_path("wal.db"), &db), SQLITE_OK);
	cr_assert_eq(
	    sqlite3_exec(db,
		"PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		"CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(100000))",
		NULL, NULL, NULL),
	    SQLITE_OK);
	/* By another process: this one has a connection. */
	pid_t pid = fork();
	if (pid == 0) {
		struct live live = look("wal.db");
		_exit(live.state == LIVE_THERE && live.bytes > 100000 ? 0 : 1);
	}
	int status = 1;
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(live, what_vanished)
{
	folder_write(folder_path("empty.db"), "");
	folder_write(folder_path("text.db"), "It was a database once.");
	cr_assert_eq(mkdir(folder_path("folder.db"), 0700), 0);
	cr_assert_eq(mkfifo(folder_path("fifo.db"), 0600), 0);
	cr_assert_eq(symlink("nowhere", folder_path("dangling.db")), 0);
	make_database("cut.db");
	cr_assert_eq(truncate(folder_path("cut.db"), 200), 0);
	static const char *const names[] = { "none.db", "empty.db", "text.db",
		"folder.db", "fifo.db", "dangling.db", "cut.db",
		"text.db/below.db", "no/folder.db" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct live live = look(names[i]);

		cr_expect_eq(live.state, LIVE_VANISHED, "%s: %d, %s", names[i],
		    live.state, live.text);
		cr_expect(live.text[0] != '\0', "%s", names[i]);
	}
}

Test(live, what_nobody_can_tell)
{
	struct live live;

	/* A manifest has such a path where it was not printable. */
	live_look("/srv/\xef\xbf\xbd.db", &live);
	cr_expect_eq(live.state, LIVE_UNSEEN);
	live_look("relative.db", &live);
	cr_expect_eq(live.state, LIVE_UNSEEN);
	make_database("app.db");
	cr_assert_eq(chmod(folder_path("app.db"), 0), 0);
	if (geteuid() == 0) {
		cr_assert_eq(chmod(folder, 0711), 0);
		cr_assert_eq(seteuid(65534), 0);
	}
	live = look("app.db");
	cr_expect_eq(live.state, LIVE_UNSEEN, "%s", live.text);
	cr_expect(strstr(live.text, "denied") != NULL, "%s", live.text);
	if (getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
}
