#include "database/occupants.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static void
make_folder(void)
{
	(void)strcpy(folder, "/tmp/litesafe-occupants-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/db", folder);
}

static void
remove_folder(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(occupants, .init = make_folder, .fini = remove_folder);

static void
run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		_exit(9);
}

/* A child that does `sql` on the database, says so, and stays. */
static pid_t
start_other(const char *sql)
{
	int ready[2];
	char byte;

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		sqlite3 *db = NULL;
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)prctl(PR_SET_NAME, "ot\nher");
		if (sqlite3_open(path, &db) != SQLITE_OK)
			_exit(9);
		run_sql(db, sql);
		if (write(ready[1], "x", 1) != 1)
			_exit(9);
		for (;;)
			(void)pause();
	}
	cr_assert_gt(child, 0);
	(void)close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1, "the other one failed");
	(void)close(ready[0]);
	return child;
}

static void
stop_other(pid_t child)
{
	cr_assert_eq(kill(child, SIGKILL), 0);
	cr_assert_eq(waitpid(child, NULL, 0), child);
}

static struct occupants
find(void)
{
	struct occupants occupants;
	struct err err = { 0 };

	cr_assert_eq(occupants_find(path, &occupants, &err), 0, "%s", err.text);
	return occupants;
}

Test(occupants, nobody)
{
	cr_assert_eq(find().count, 0, "the file does not even exist");
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(find().count, 0, "only we have it open");
	(void)close(fd);
	cr_assert_eq(find().count, 0);
}

Test(occupants, an_idle_rollback_connection)
{
	pid_t child = start_other("CREATE TABLE t(a); SELECT * FROM t");
	struct occupants occupants = find();

	cr_assert_eq(occupants.count, 1);
	cr_assert_eq(occupants.listed, 1);
	cr_assert_eq(occupants.list[0].pid, child);
	cr_assert_not(occupants.list[0].locks);
	cr_assert_str_eq(occupants.list[0].command, "ot\xef\xbf\xbdher");
	stop_other(child);
	cr_assert_eq(find().count, 0);
}

Test(occupants, locks_are_seen)
{
	pid_t child = start_other("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
				  "BEGIN IMMEDIATE");
	pid_t reader = start_other("BEGIN; SELECT * FROM t");
	struct occupants occupants = find();

	cr_assert_eq(occupants.count, 2, "each once, not once for each lock");
	cr_assert(occupants.list[0].locks);
	cr_assert(occupants.list[1].locks);
	cr_assert_neq(occupants.list[0].pid, occupants.list[1].pid);
	stop_other(child);
	stop_other(reader);
}

Test(occupants, through_a_symlink)
{
	char link[160];
	struct occupants occupants;
	struct err err = { 0 };
	pid_t child = start_other("PRAGMA journal_mode=WAL; CREATE TABLE t(a)");

	(void)snprintf(link, sizeof(link), "%s-link", path);
	cr_assert_eq(symlink(path, link), 0);
	cr_assert_eq(occupants_find(link, &occupants, &err), 0);
	cr_assert_eq(occupants.count, 1);
	cr_assert_eq(occupants.list[0].pid, child);
	stop_other(child);
}

Test(occupants, more_than_fit_are_still_counted)
{
	pid_t children[OCCUPANTS_MAX + 2];

	for (unsigned i = 0; i < OCCUPANTS_MAX + 2; i++)
		children[i] = start_other("CREATE TABLE IF NOT EXISTS t(a)");
	struct occupants occupants = find();
	cr_assert_eq(occupants.count, OCCUPANTS_MAX + 2);
	cr_assert_eq(occupants.listed, OCCUPANTS_MAX);
	for (unsigned i = 0; i < OCCUPANTS_MAX + 2; i++)
		stop_other(children[i]);
}
