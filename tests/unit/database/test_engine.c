#include "database/engine.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "tests/unit/database/live.h"

TestSuite(engine, .init = live_begin, .fini = live_end);

Test(engine, starts_and_starts_again)
{
	struct err err = { 0 };

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	cr_assert_eq(engine_start(&err), 0);
	cr_assert_str_eq(engine_version(), sqlite3_libversion());
}

Test(engine, used_too_early_is_an_error_each_time)
{
	struct err err = { 0 };

	cr_assert_eq(sqlite3_initialize(), SQLITE_OK);
	for (int i = 0; i < 2; i++) {
		err = (struct err){ 0 };
		cr_assert_eq(engine_start(&err), -1);
		cr_assert_eq(err.kind, ERR_FAILED);
		cr_assert_str_eq(
		    err.text, "SQLite was used before it was set up");
	}
}

/* Opens, reads, and does `meanwhile` while the connection is there. */
static void
use(void (*meanwhile)(void))
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(live_db, &db), SQLITE_OK);
	if (meanwhile != NULL)
		meanwhile();
	(void)sqlite3_exec(db, "SELECT * FROM t", NULL, NULL, NULL);
	(void)sqlite3_close(db);
}

static void
make_and_start(void)
{
	struct err err = { 0 };

	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
}

static void
rename_it(void)
{
	cr_assert_eq(rename(live_db, live_path(".old")), 0);
}

static void
unlink_it(void)
{
	cr_assert_eq(unlink(live_db), 0);
}

static void
replace_it(void)
{
	rename_it();
	cr_assert_eq(fclose(fopen(live_db, "w")), 0);
}

static void
expect_warning(const char *words)
{
	char text[300] = "";

	cr_assert(engine_warned(text, sizeof(text)), "%s", words);
	cr_assert_not_null(strstr(text, words), "%s", text);
	engine_forget_warnings();
	cr_assert_not(engine_warned(text, sizeof(text)));
}

Test(engine, tells_what_happens_to_the_name)
{
	make_and_start();
	char text[100];

	use(NULL);
	cr_assert_not(engine_warned(text, sizeof(text)));
	use(rename_it);
	expect_warning("renamed");
	cr_assert_eq(rename(live_path(".old"), live_db), 0);
	use(replace_it);
	expect_warning("renamed");
	cr_assert_eq(rename(live_path(".old"), live_db), 0);
	cr_assert_eq(link(live_db, live_path(".second")), 0);
	use(NULL);
	expect_warning("multiple links");
	cr_assert_eq(unlink(live_path(".second")), 0);
	use(unlink_it);
	expect_warning("unlinked");
}

Test(engine, the_first_warning_stays_and_others_do_not_count)
{
	make_and_start();

	sqlite3_log(SQLITE_WARNING, "automatic index on t(a)");
	sqlite3_log(SQLITE_NOTICE, "multiple links to file: notice");
	char text[12];
	cr_assert_not(engine_warned(text, sizeof(text)));
	sqlite3_log(SQLITE_WARNING, "file renamed while open: first");
	sqlite3_log(SQLITE_WARNING, "file unlinked while open: second");
	cr_assert(engine_warned(text, sizeof(text)));
	cr_assert_str_eq(text, "file rename");
}

static void *
log_there(void *arg)
{
	(void)arg;
	sqlite3_log(SQLITE_WARNING, "file renamed while open: there");
	return NULL;
}

Test(engine, a_warning_belongs_to_its_thread)
{
	char text[100];
	pthread_t thread;

	make_and_start();
	cr_assert_eq(pthread_create(&thread, NULL, log_there, NULL), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_not(engine_warned(text, sizeof(text)));
}
