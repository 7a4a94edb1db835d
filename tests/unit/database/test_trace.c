/* A pin leaves the folder as it found it, whoever comes and goes meanwhile. */
#include "database/trace.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(trace, .init = live_begin, .fini = live_end);

/* Pins and lets go; the folder is as before. */
static void
leaves_no_trace(void)
{
	const char *before = live_listing();

	pinned_let_go(pinned_open());
	cr_assert_str_eq(live_listing(), before);

	/* Abandoned in the middle. */
	struct pin *pin = pinned_open();
	(void)pinned_ask(pin, "SELECT count(*) FROM t");
	pin_auto(&pin);
	cr_assert_str_eq(live_listing(), before);
}

Test(trace, none_of_a_rollback_database)
{
	live_sql("PRAGMA journal_mode = PERSIST; CREATE TABLE t(a);"
		 "INSERT INTO t VALUES (1)");
	leaves_no_trace();
}

Test(trace, none_of_a_clean_wal_database)
{
	live_sql(live_wal_sql);
	leaves_no_trace();
}

Test(trace, none_of_a_living_application)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("INSERT INTO t(b) VALUES (1)");
	leaves_no_trace();
	live_dismiss(other);
	cr_assert_neq(access(live_path("-wal"), F_OK), 0);
}

Test(trace, none_of_a_dead_application)
{
	live_sql(live_wal_sql);
	live_sql_and_die("INSERT INTO t(b) VALUES (1)");
	cr_assert_eq(access(live_path("-shm"), F_OK), 0);
	leaves_no_trace();
}

/* What a copy or a machine without power leaves: commits in the -wal alone. */
Test(trace, none_of_a_wal_without_shm)
{
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 77");
	cr_assert_eq(unlink(live_path("-shm")), 0);
	leaves_no_trace();
	struct pin *pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->header.user_version, 77);
	pinned_let_go(pin);
}

Test(trace, none_of_empty_leftovers)
{
	live_sql(live_wal_sql);
	cr_assert_eq(fclose(fopen(live_path("-wal"), "w")), 0);
	cr_assert_eq(fclose(fopen(live_path("-shm"), "w")), 0);
	cr_assert_eq(truncate(live_path("-shm"), 32768), 0);
	leaves_no_trace();
	cr_assert_eq(unlink(live_path("-shm")), 0);
	leaves_no_trace(); /* the -wal alone */
	cr_assert_eq(unlink(live_path("-wal")), 0);
	cr_assert_eq(fclose(fopen(live_path("-shm"), "w")), 0);
	cr_assert_eq(truncate(live_path("-shm"), 32768), 0);
	leaves_no_trace(); /* the -shm alone */
}

/* A -wal beside a database in rollback mode: SQLite goes through it. */
Test(trace, none_of_a_foreign_wal)
{
	live_sql("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
	FILE *file = fopen(live_path("-wal"), "w");
	cr_assert_not_null(file);
	struct pin *pin = pinned_open();
	cr_assert_not(pin_facts(pin)->wal);
	pinned_let_go(pin);
	leaves_no_trace();

	cr_assert_gt(fprintf(file, "no frames in here"), 0);
	cr_assert_eq(fclose(file), 0);
	leaves_no_trace();
	pin = pinned_open();
	cr_assert(pin_facts(pin)->wal);
	cr_assert_not(pin_facts(pin)->header.wal);
	pinned_let_go(pin);
}

Test(trace, none_of_a_refusal)
{
	live_sql(live_wal_sql);
	cr_assert_eq(truncate(live_db, 40960), 0);
	const char *before = live_listing();
	pinned_inspect();
	pinned_refuse(ERR_DAMAGED, "is cut off", "");
	cr_assert_str_eq(live_listing(), before);
}

/* True when nothing is left; the other one is gone a moment after us. */
static bool
leave_a_moment_before_another(void)
{
	const char *before = live_listing();
	struct pin *pin = pinned_open();
	pid_t other = live_holder("SELECT count(*) FROM t");
	pid_t timer = fork();

	if (timer == 0) {
		(void)usleep(1000);
		(void)kill(other, SIGKILL);
		_exit(0);
	}
	pinned_let_go(pin);
	cr_assert_eq(waitpid(timer, NULL, 0), timer);
	cr_assert_eq(waitpid(other, NULL, 0), other);
	if (strcmp(live_listing(), before) == 0)
		return true;
	(void)unlink(live_path("-wal"));
	(void)unlink(live_path("-shm"));
	return false;
}

/* As two backups at one moment do; asked once, each would find the other. */
Test(trace, none_of_two_that_leave_at_one_moment)
{
	int clean = 0;

	live_sql(live_wal_sql);
	for (int i = 0; i < 10; i++)
		clean += leave_a_moment_before_another();
	cr_assert_geq(clean, 5, "%d of 10", clean);
}

/* Side files that we caused belong to the one who came meanwhile. */
Test(trace, leaves_files_to_who_came_meanwhile)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	pid_t other = live_holder("PRAGMA user_version = 5");
	pinned_let_go(pin);
	cr_assert_eq(access(live_path("-wal"), F_OK), 0);
	cr_assert_eq(access(live_path("-shm"), F_OK), 0);
	live_sql("PRAGMA user_version = 6");
	live_dismiss(other);
	pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->header.user_version, 6);
	pinned_let_go(pin);
}

/* Who came and went meanwhile could not clean up: we were there. */
Test(trace, never_loses_what_was_written_meanwhile)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	live_sql("PRAGMA user_version = 5");
	cr_assert_gt(source_wal_bytes(&pinned_source), 0);
	pinned_let_go(pin);
	cr_assert_gt(source_wal_bytes(&pinned_source), 0);
	pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->header.user_version, 5);
	pinned_let_go(pin);

	/* The next one to be alone cleans up, as always. */
	live_sql("SELECT * FROM t LIMIT 1");
	cr_assert_neq(access(live_path("-wal"), F_OK), 0);
	pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->header.user_version, 5);
	pinned_let_go(pin);
}

/* Root reads the database of another: files get its owner and mode. */
Test(trace, side_files_belong_to_the_owner)
{
	struct stat st;

	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chown(live_db, live_nobody, live_nobody), 0);
	cr_assert_eq(chmod(live_db, 0640), 0);
	struct pin *pin = pinned_open();
	cr_assert_eq(stat(live_path("-shm"), &st), 0);
	cr_assert_eq(st.st_uid, live_nobody);
	cr_assert_eq(st.st_mode & 0777, 0640);
	live_become(live_nobody);
	live_sql("PRAGMA user_version = 3");
	live_return();
	pinned_let_go(pin);
	leaves_no_trace();
}

/* Somebody who may only read, beside a living application. */
Test(trace, a_reader_without_rights)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0644), 0);
	cr_assert_eq(chmod(live_folder, 0755), 0);
	pid_t other = live_holder("PRAGMA user_version = 3");
	live_become(live_nobody);
	leaves_no_trace();
	struct pin *pin = pinned_open();
	uint64_t frames = 0, left = 0;
	cr_assert_eq(pin_facts(pin)->header.user_version, 3);
	pin_wal_state(pin, &frames, &left);
	cr_assert_eq(frames, pinned_source.wal_bytes / (24 + 4096));
	pinned_let_go(pin);
	live_return();
	live_dismiss(other);
}

/* The same beside a dead one: no lock can be had on its -shm. */
Test(trace, a_reader_without_rights_beside_the_dead)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3");
	cr_assert_eq(chmod(live_db, 0644), 0);
	cr_assert_eq(chmod(live_folder, 0755), 0);
	live_become(live_nobody);
	leaves_no_trace();
	struct pin *pin = pinned_open();
	uint64_t frames = 0, left = 0;
	cr_assert_eq(pin_facts(pin)->header.user_version, 3);
	pin_wal_state(pin, &frames, &left);
	pinned_let_go(pin);
	live_return();
}
