/* A guest reads what the application's side files let him, and makes none. */
#include "database/guest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "database/engine.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(guest, .init = live_begin, .fini = live_end);

static void
become_guest(void)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_become(live_nobody);
}

/* The result of a read, with the folder as it was. */
static int
visit(const char *path)
{
	char before[4096];
	struct err err;
	sqlite3 *db = NULL;

	cr_assert_eq(engine_start(&err), 0);
	(void)snprintf(before, sizeof(before), "%s", live_listing());
	int rc = guest_open(path, SQLITE_OPEN_READWRITE, &db);
	cr_assert_eq(rc, SQLITE_OK);
	cr_assert_eq(sqlite3_db_readonly(db, "main"), 1);
	rc = sqlite3_exec(db, "SELECT count(*) FROM t", NULL, NULL, NULL);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	cr_assert_str_eq(live_listing(), before, "%s", live_listing());
	return rc;
}

/* As when the application closes just after somebody looked. */
Test(guest, makes_no_side_files)
{
	live_sql(live_wal_sql);
	become_guest();
	cr_assert_eq(visit(live_db), SQLITE_CANTOPEN);
	live_return();
	live_sql_and_die("INSERT INTO t(b) VALUES (1)");
	cr_assert_eq(chmod(live_path("-wal"), 0666), 0);
	cr_assert_eq(unlink(live_path("-shm")), 0);
	become_guest();
	cr_assert_eq(visit(live_db), SQLITE_CANTOPEN);
}

Test(guest, uses_those_that_are_there)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("INSERT INTO t(b) VALUES (1)");
	become_guest();
	cr_assert_eq(visit(live_db), SQLITE_OK);
	live_return();
	live_kill(other);
	become_guest();
	cr_assert_eq(visit(live_db), SQLITE_OK);
}

Test(guest, names_that_mean_something_in_a_uri)
{
	const char *odd = live_path("?mode=memory&a%41#b c");

	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(rename(live_db, odd), 0);
	cr_assert_eq(visit(odd), SQLITE_OK);
}

/* An empty file, which would cost its -wal everywhere else. */
Test(guest, takes_no_wal_away)
{
	live_sql(live_wal_sql);
	live_sql_and_die("INSERT INTO t(b) VALUES (1)");
	cr_assert_eq(truncate(live_db, 0), 0);
	cr_assert_neq(visit(live_db), SQLITE_OK);
}

/* --- through the pin --- */

Test(guest, the_application_leaves_between_looking_and_opening)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("SELECT * FROM t");
	become_guest();
	pinned_inspect();
	cr_assert(pinned_source.guest);
	live_return();
	live_dismiss(other);
	char before[4096];
	(void)snprintf(before, sizeof(before), "%s", live_listing());
	become_guest();
	pinned_refuse(ERR_REFUSED, "could not write to its database any more",
	    "run litesafe as");
	cr_assert_str_eq(live_listing(), before);
}

Test(guest, the_newest_commit_is_read)
{
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0666), 0);
	pid_t other = live_holder("PRAGMA wal_autocheckpoint = 0;"
				  "DELETE FROM t WHERE a > 5");
	become_guest();
	struct pin *pin = pinned_open();
	cr_assert_not(pinned_source.writable, "he may, but must not");
	cr_assert(pin_facts(pin)->wal);
	cr_assert_eq(pinned_ask(pin, "SELECT count(*) FROM t"), 5);
	uint64_t frames = 0, left = 0;
	pin_wal_state(pin, &frames, &left);
	cr_assert_gt(frames, 0);
	cr_assert_eq(left, frames);
	live_return();
	live_sql("DELETE FROM t");
	cr_assert_eq(pinned_ask(pin, "SELECT count(*) FROM t"), 5);
	pinned_let_go(pin);
	live_dismiss(other);
}
