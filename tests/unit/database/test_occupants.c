#include "database/occupants.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(occupants, .init = live_begin, .fini = live_end);

static struct occupants
find(void)
{
	struct occupants occupants;
	struct err err = { 0 };

	cr_assert_eq(
	    occupants_find(live_db, &occupants, &err), 0, "%s", err.text);
	return occupants;
}

Test(occupants, nobody)
{
	cr_assert_eq(find().count, 0, "the file does not even exist");
	int fd = open(live_db, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(find().count, 0, "only we have it open");
	(void)close(fd);
	cr_assert_eq(find().count, 0);
}

Test(occupants, an_idle_rollback_connection)
{
	pid_t child = live_holder("CREATE TABLE t(a); SELECT * FROM t");
	struct occupants occupants = find();

	cr_assert_eq(occupants.count, 1);
	cr_assert_eq(occupants.listed, 1);
	cr_assert_eq(occupants.list[0].pid, child);
	cr_assert_not(occupants.list[0].locks);
	cr_assert(occupants.list[0].sure);
	cr_assert(occupants.list[0].seen);
	cr_assert(occupants.list[0].writes);
	cr_assert_str_eq(occupants.list[0].command, "ot\xef\xbf\xbdher");
	live_kill(child);
	cr_assert_eq(find().count, 0);
}

Test(occupants, locks_are_seen)
{
	pid_t child = live_holder("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
				  "BEGIN IMMEDIATE");
	pid_t reader = live_holder("BEGIN; SELECT * FROM t");
	struct occupants occupants = find();

	cr_assert_eq(occupants.count, 2, "each once, not once for each lock");
	cr_assert(occupants.list[0].locks);
	cr_assert(occupants.list[1].locks);
	cr_assert_neq(occupants.list[0].pid, occupants.list[1].pid);
	live_kill(child);
	live_kill(reader);
}

/* Of another user's process only the locks are seen, not how it opened what. */
Test(occupants, of_another_user)
{
	if (live_not_root())
		cr_skip_test("needs root");
	pid_t child = live_holder("PRAGMA journal_mode=WAL; CREATE TABLE t(a)");
	live_become(live_nobody);
	struct occupants occupants = find();
	live_return();

	cr_assert_eq(occupants.count, 1);
	cr_assert_eq(occupants.list[0].pid, child);
	cr_assert(occupants.list[0].locks);
	cr_assert_not(occupants.list[0].seen);
	cr_assert_not(occupants.list[0].writes);
	live_kill(child);
}

static bool
is_one(const struct occupant *occupant)
{
	return occupant->pid == 1;
}

Test(occupants, as_text)
{
	struct occupants occupants = { .count = 7, .listed = 5 };
	char text[OCCUPANTS_TEXT];

	occupants.list[0] = (struct occupant){ .pid = 71, .command = "app" };
	occupants.list[1] = (struct occupant){ .pid = 80 };
	occupants.list[3] = (struct occupant){ .pid = 1, .command = "init" };
	occupants_text(&occupants, text);
	cr_assert_str_eq(text,
	    "process 71 (app), process 80, a process that cannot be seen from "
	    "here, process 1 (init) and 3 more");
	occupants_keep(&occupants, is_one);
	occupants_text(&occupants, text);
	cr_assert_str_eq(text, "process 1 (init)");
	occupants.count = 0;
	occupants.listed = 0;
	occupants_text(&occupants, text);
	cr_assert_str_eq(text, "");

	/* The longest there can be. */
	occupants.count = 99999;
	occupants.listed = OCCUPANTS_MAX;
	for (unsigned i = 0; i < OCCUPANTS_MAX; i++) {
		occupants.list[i].pid = 4194304;
		memset(occupants.list[i].command, 'x', 63);
		occupants.list[i].command[63] = '\0';
	}
	occupants_text(&occupants, text);
	cr_assert_not_null(strstr(text, " and 99995 more"), "%s", text);
}

Test(occupants, through_a_symlink)
{
	char link[160];
	struct occupants occupants;
	struct err err = { 0 };
	pid_t child = live_holder("PRAGMA journal_mode=WAL; CREATE TABLE t(a)");

	(void)snprintf(link, sizeof(link), "%s-link", live_db);
	cr_assert_eq(symlink(live_db, link), 0);
	cr_assert_eq(occupants_find(link, &occupants, &err), 0);
	cr_assert_eq(occupants.count, 1);
	cr_assert_eq(occupants.list[0].pid, child);
	live_kill(child);
}

Test(occupants, more_than_fit_are_still_counted)
{
	pid_t children[OCCUPANTS_MAX + 2];

	for (unsigned i = 0; i < OCCUPANTS_MAX + 2; i++)
		children[i] = live_holder("CREATE TABLE IF NOT EXISTS t(a)");
	struct occupants occupants = find();
	cr_assert_eq(occupants.count, OCCUPANTS_MAX + 2);
	cr_assert_eq(occupants.listed, OCCUPANTS_MAX);
	for (unsigned i = 0; i < OCCUPANTS_MAX + 2; i++)
		live_kill(children[i]);
}
