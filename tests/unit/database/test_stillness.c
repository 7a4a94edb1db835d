/* Who says that a database is frozen, and is wrong, hears of it. */
#include "database/stillness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/clock.h"
#include "database/occupants.h"
#include "database/pin_handle.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(stillness, .init = live_begin, .fini = live_end);

static struct stillness before;
static struct err err;

static void
begin(void)
{
	cr_assert_eq(
	    stillness_begin(live_db, &before, &err), 0, "%s", err.text);
}

static void
expect_end(const char *words)
{
	if (words == NULL) {
		cr_assert_eq(
		    stillness_end(live_db, &before, &err), 0, "%s", err.text);
		return;
	}
	cr_assert_eq(stillness_end(live_db, &before, &err), -1, "%s", words);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_assert_not_null(strstr(err.text, words), "%s", err.text);
	cr_assert_not_null(
	    strstr(err.hint, "without --frozen"), "%s", err.hint);
}

static void
make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	(void)close(fd);
}

Test(stillness, nothing_happens)
{
	live_sql(live_wal_sql);
	begin();
	expect_end(NULL);
	make_file(live_path("-shm"));
	expect_end(NULL);
}

Test(stillness, files_come_and_go)
{
	live_sql("CREATE TABLE t(a)");
	begin();
	make_file(live_path("-wal"));
	expect_end("app.db-wal' appeared while it was read");
	begin();
	cr_assert_eq(unlink(live_path("-wal")), 0);
	expect_end("app.db-wal' vanished while it was read");
	begin();
	make_file(live_path("-journal"));
	expect_end("app.db-journal' appeared");
	begin();
	cr_assert_eq(unlink(live_db), 0);
	expect_end("app.db' vanished");
}

/* The bytes, the length and the times are put back; ctime tells. */
Test(stillness, a_write_that_hides)
{
	struct stat st;

	live_sql("CREATE TABLE t(a)");
	begin();
	cr_assert_eq(stat(live_db, &st), 0);
	live_spoil(60, "\0\0\0\7", 4);
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	cr_assert_eq(utimensat(AT_FDCWD, live_db, times, 0), 0);
	expect_end("app.db' changed while it was read");
}

/*
 * After the begin the clock of the filesystem has moved on, also where it ticks
 * slowly, so that a write gets other times than the one before.
 */
Test(stillness, a_write_just_before)
{
	struct stat st;

	live_sql("CREATE TABLE t(a)");
	live_spoil(60, "\0\0\0\7", 4);
	begin();
	cr_assert_eq(stat(live_db, &st), 0);
	cr_assert_geq(clock_now_ms(),
	    st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000 + 40);
	live_spoil(60, "\0\0\0\7", 4);
	expect_end("app.db' changed while it was read");
}

Test(stillness, another_file_of_the_same_name)
{
	live_sql("CREATE TABLE t(a)");
	begin();
	cr_assert_eq(rename(live_db, live_path(".old")), 0);
	live_sql("CREATE TABLE t(a)");
	expect_end("app.db' changed while it was read");
}

Test(stillness, somebody_has_it_open)
{
	char words[64];
	pid_t other = live_holder("CREATE TABLE t(a); SELECT * FROM t");

	(void)snprintf(
	    words, sizeof(words), "is not frozen: open in process %d", other);
	cr_assert_eq(stillness_begin(live_db, &before, &err), -1);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_assert_not_null(strstr(err.text, words), "%s", err.text);
	live_kill(other);
	begin();
	other = live_holder("SELECT * FROM t");
	(void)snprintf(words, sizeof(words), "open in process %d", other);
	expect_end(words);
	live_kill(other);
}

/* Another user's process, into which we may not look: its lock is seen. */
Test(stillness, somebody_of_another_user_has_it_open)
{
	if (live_not_root())
		cr_skip_test("needs root");
	pid_t other =
	    live_holder("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
	live_become(live_nobody);
	cr_assert_eq(stillness_begin(live_db, &before, &err), -1);
	cr_assert_not_null(strstr(err.text, "is not frozen"), "%s", err.text);
	live_return();
	live_kill(other);
}

/* Another backup, cp or tar. */
static pid_t
start_reader(void)
{
	pid_t reader = fork();

	cr_assert_geq(reader, 0);
	if (reader == 0) {
		int fd = open(live_db, O_RDONLY);
		(void)dup2(fd, 0);
		(void)execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	return reader;
}

static void
end_reader(pid_t reader)
{
	cr_assert_eq(kill(reader, SIGKILL), 0);
	cr_assert_eq(waitpid(reader, NULL, 0), reader);
}

Test(stillness, who_only_reads_does_no_harm)
{
	live_sql("CREATE TABLE t(a)");
	pid_t reader = start_reader();
	begin();
	expect_end(NULL);
	end_reader(reader);
}

/* Behind so many readers a writer is not on the list any more. */
Test(stillness, more_readers_than_can_be_listed)
{
	pid_t readers[OCCUPANTS_MAX];

	live_sql("CREATE TABLE t(a)");
	for (unsigned i = 0; i < OCCUPANTS_MAX; i++)
		readers[i] = start_reader();
	begin();
	pid_t writer = live_holder("SELECT * FROM t");
	expect_end("is not frozen: open in ");
	live_kill(writer);
	expect_end(NULL);
	for (unsigned i = 0; i < OCCUPANTS_MAX; i++)
		end_reader(readers[i]);
}

/* --- the pin asks at both ends --- */

static struct pin *
pin_frozen(void)
{
	struct pin *pin = NULL;

	pinned_inspect_frozen();
	cr_assert_eq(pinned_try(100, NULL, &pin), 0, "%s", pinned_err.text);
	return pin;
}

static void
no_longer_holds(struct pin *pin, const char *words)
{
	cr_assert_eq(pin_still_holds(pin, &err), -1, "%s", words);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_assert_not_null(strstr(err.text, words), "%s", err.text);
}

Test(stillness, of_a_pin)
{
	live_sql(live_wal_sql);
	struct pin *pin = pin_frozen();
	cr_assert_eq(pin_still_holds(pin, &err), 0);
	live_sql("DELETE FROM t");
	no_longer_holds(pin, "changed while it was read");
	pinned_let_go(pin);

	pid_t other = live_holder("INSERT INTO t(b) VALUES (1)");
	pinned_inspect_frozen();
	pinned_refuse(ERR_REFUSED, "is not frozen", "without --frozen");
	live_dismiss(other);
}

/* What somebody made meanwhile is his, however empty. */
Test(stillness, nothing_of_others_is_removed)
{
	live_sql(live_wal_sql);
	struct pin *pin = pin_frozen();
	make_file(live_path("-wal"));
	make_file(live_path("-shm"));
	const char *listing = live_listing();
	no_longer_holds(pin, "-wal' appeared");
	pinned_let_go(pin);
	cr_assert_str_eq(live_listing(), listing);
}
