#include "database/journal_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(journal_file, .init = live_begin, .fini = live_end);

static enum journal_state
look(void)
{
	enum journal_state state;
	struct err err = { 0 };

	cr_assert_eq(
	    journal_file_look(live_db, &state, &err), 0, "%s", err.text);
	return state;
}

Test(journal_file, as_each_mode_leaves_it)
{
	static const struct {
		const char *mode;
		enum journal_state state;
	} modes[] = {
		{ "DELETE", JOURNAL_ABSENT },
		{ "TRUNCATE", JOURNAL_EMPTY },
		{ "PERSIST", JOURNAL_ENDED },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		char sql[200];

		(void)snprintf(sql, sizeof(sql),
		    "PRAGMA journal_mode=%s; CREATE TABLE t%zu(a);"
		    "INSERT INTO t%zu VALUES(1)",
		    modes[i].mode, i, i);
		live_sql_and_die(sql);
		cr_assert_eq(look(), modes[i].state, "%s", modes[i].mode);
		(void)unlink(live_path("-journal"));
	}
}

Test(journal_file, of_a_transaction_that_was_cut_off)
{
	live_sql("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(900000))");
	live_sql_and_die("PRAGMA cache_size = 1; BEGIN;"
			 "UPDATE t SET a = randomblob(900000)");
	cr_assert_eq(look(), JOURNAL_OPEN);
}

Test(journal_file, one_that_cannot_be_read)
{
	enum journal_state state;
	struct err err = { 0 };

	cr_assert_eq(mkdir(live_path("-journal"), 0700), 0);
	cr_assert_eq(journal_file_look(live_db, &state, &err), -1);
}
