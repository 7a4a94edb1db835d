#include "database/strays.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(strays, .init = live_begin, .fini = live_end);

static struct occupants
find(void)
{
	struct occupants strays;
	struct err err = { 0 };

	cr_assert_eq(strays_find(live_db, &strays, &err), 0, "%s", err.text);
	return strays;
}

Test(strays, a_database_that_was_replaced_under_its_application)
{
	pid_t old = live_holder("CREATE TABLE t(a); SELECT * FROM t");

	cr_assert_eq(find().count, 0);
	cr_assert_eq(unlink(live_db), 0);
	pid_t new = live_holder("CREATE TABLE u(a); SELECT * FROM u");
	struct occupants strays = find();
	cr_assert_eq(strays.count, 1);
	cr_assert_eq(strays.list[0].pid, old);
	cr_assert_str_eq(strays.list[0].command, "ot\xef\xbf\xbdher");
	live_kill(old);
	live_kill(new);
	cr_assert_eq(find().count, 0);
}

/* Its name only looks like that of a deleted file. */
Test(strays, a_name_that_says_deleted)
{
	char name[160];

	pid_t holder = live_holder("CREATE TABLE t(a); SELECT * FROM t");
	(void)snprintf(name, sizeof(name), "%s (deleted)", live_db);
	cr_assert_eq(rename(live_db, name), 0);
	cr_assert_eq(find().count, 0);
	live_kill(holder);
}
