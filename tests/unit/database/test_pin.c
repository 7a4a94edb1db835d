/* The facts of a pin, its waiting, and what cannot be pinned. */
#include "database/pin.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "database/pin_handle.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(pin, .init = live_begin, .fini = live_end);

/* --- the facts --- */

Test(pin, facts_of_every_page_size_and_mode)
{
	for (int size = 512; size <= 65536; size *= 4)
		for (int wal = 0; wal < 2; wal++) {
			char sql[900];
			size_t len = 0;
			int64_t before = clock_now_ms();

			(void)snprintf(sql, sizeof(sql),
			    "PRAGMA page_size = %d; PRAGMA auto_vacuum = %d;"
			    "%s; PRAGMA user_version = 5; %s",
			    size, wal + 1, live_wal_sql,
			    wal ? "" : "PRAGMA journal_mode = DELETE");
			live_sql(sql);
			uint8_t *file = live_content(live_db, &len);
			struct pin *pin = pinned_open();
			const struct pin_facts *facts = pin_facts(pin);
			cr_assert_eq(facts->page_size, (uint32_t)size);
			cr_assert_eq(facts->page_count, len / (size_t)size);
			cr_assert_eq(facts->wal, wal);
			cr_assert_eq(facts->header.wal, wal);
			cr_assert_eq(facts->header.user_version, 5);
			cr_assert_arr_eq(facts->page_one, file, (size_t)size);
			cr_assert_geq(facts->start_ms, before);
			cr_assert_leq(facts->start_ms, clock_now_ms());
			cr_assert_leq(facts->start_steady, clock_steady());
			cr_assert_eq(facts->busy_retries, 0);
			pinned_let_go(pin);
			free(file);
			cr_assert_eq(unlink(live_db), 0);
		}
}

/* The state is in the WAL alone, with another page count than the file. */
Test(pin, one_state_while_others_write)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("PRAGMA wal_autocheckpoint = 0;"
				  "PRAGMA user_version = 1;"
				  "INSERT INTO t(b) SELECT b FROM t");
	struct pin *pin = pinned_open();
	const struct pin_facts *facts = pin_facts(pin);
	uint64_t frames = 0, left = 0;

	cr_assert(facts->wal);
	cr_assert_gt(facts->page_count, pinned_source.bytes / facts->page_size);
	cr_assert_eq(facts->page_count, pinned_ask(pin, "PRAGMA page_count"));
	pin_wal_state(pin, &frames, &left);
	cr_assert_eq(frames, pinned_source.wal_bytes / (facts->page_size + 24));
	cr_assert_eq(left, frames);

	live_sql("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 2;"
		 "DELETE FROM t");
	cr_assert_eq(pinned_ask(pin, "SELECT count(*) FROM t"), 1600);
	cr_assert_eq(pinned_ask(pin, "PRAGMA user_version"), 1);
	cr_assert_eq(facts->header.user_version, 1);
	cr_assert_eq(get_be32(facts->page_one + 60), 1);
	uint64_t grown = 0;
	pin_wal_state(pin, &grown, &left);
	cr_assert_gt(grown, frames);
	cr_assert_eq(left, grown);

	/* A checkpoint gets as far as the pinned state. */
	live_sql("PRAGMA wal_checkpoint(PASSIVE)");
	pin_wal_state(pin, &grown, &left);
	cr_assert_eq(left, grown - frames);
	pinned_let_go(pin);
	live_dismiss(other);
}

Test(pin, wal_state_without_a_wal)
{
	uint64_t frames = 9, left = 9;

	live_sql("CREATE TABLE t(a)");
	struct pin *pin = pinned_open();
	pin_wal_state(pin, &frames, &left);
	cr_assert_eq(frames + left, 0);
	pinned_let_go(pin);

	frames = left = 9;
	live_sql("PRAGMA journal_mode = WAL");
	pin = pinned_open();
	pin_wal_state(pin, &frames, &left);
	cr_assert_eq(frames + left, 0);
	pinned_let_go(pin);
}

/* A stale page count in the header, as SQLite before 3.7.0 leaves it. */
Test(pin, page_count_of_the_file_when_the_headers_is_stale)
{
	live_sql("CREATE TABLE t(a); CREATE TABLE u(a)");
	FILE *file = fopen(live_db, "r+b");
	cr_assert_eq(fseek(file, 28, SEEK_SET), 0);
	cr_assert_eq(fwrite("\0\0\0\0", 4, 1, file), 1);
	cr_assert_eq(fclose(file), 0);
	struct pin *pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->page_count, 3);
	pinned_let_go(pin);
}

Test(pin, a_schema_that_sqlite_cannot_read)
{
	live_sql("CREATE TABLE t(a); PRAGMA writable_schema = ON;"
		 "UPDATE sqlite_schema SET sql = 'CREATE GARBAGE x(('");
	struct pin *pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->page_count, 2);
	cr_assert_neq(
	    sqlite3_exec(pin_handle(pin), "SELECT * FROM t", NULL, NULL, NULL),
	    SQLITE_OK);
	pinned_let_go(pin);

	/* The b-tree part of page one: nothing of it is a b-tree any more. */
	uint8_t noise[3996];
	memset(noise, 0xa5, sizeof(noise));
	live_spoil(100, noise, sizeof(noise));
	pin = pinned_open();
	cr_assert_eq(pin_facts(pin)->page_count, 2);
	cr_assert_eq(pin_facts(pin)->page_one[200], 0xa5);
	pinned_let_go(pin);

	/* The same in WAL mode. */
	live_spoil(18, "\2\2", 2);
	pin = pinned_open();
	cr_assert(pin_facts(pin)->wal);
	cr_assert_eq(pin_facts(pin)->page_count, 2);
	pinned_let_go(pin);
}

Test(pin, a_file_cut_off)
{
	live_sql(live_wal_sql);
	cr_assert_eq(truncate(live_db, 40960), 0);
	pinned_inspect();
	const char *before = live_listing();
	pinned_refuse(ERR_DAMAGED, "app.db' is cut off: it has 40960 of the ",
	    "copied badly? what is left can be had with: sqlite3 ");
	cr_assert_str_eq(live_listing(), before);
}

/* --- locks --- */

/* With 0.1 seconds of patience. */
static void
refused_as_locked_by(pid_t other, const char *hint)
{
	char words[100];

	(void)snprintf(words, sizeof(words),
	    "is locked by process %d (ot\xef\xbf\xbdher); waited 0.1 seconds",
	    other);
	pinned_refuse(ERR_BUSY, words, hint);
}

Test(pin, locked_exclusively)
{
	live_sql("CREATE TABLE t(a)");
	pid_t other = live_holder("BEGIN EXCLUSIVE");
	pinned_inspect();
	double start = clock_steady();
	refused_as_locked_by(other, "exclusively");
	cr_assert_geq(clock_steady() - start, 0.09);
	cr_assert_lt(clock_steady() - start, 2);
	live_dismiss(other);

	struct pin *pin = pinned_open();
	pinned_let_go(pin);
}

static void *
dismiss_later(void *holder)
{
	(void)usleep(300000);
	(void)kill(*(pid_t *)holder, SIGKILL);
	return NULL;
}

Test(pin, waits_for_a_lock)
{
	pthread_t thread;

	live_sql("CREATE TABLE t(a)");
	pid_t other = live_holder("BEGIN EXCLUSIVE");
	pinned_inspect();
	cr_assert_eq(pthread_create(&thread, NULL, dismiss_later, &other), 0);
	struct pin *pin = NULL;
	cr_assert_eq(pinned_try(10000, NULL, &pin), 0, "%s", pinned_err.text);
	cr_assert_gt(pin_facts(pin)->busy_retries, 3);
	pinned_let_go(pin);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_eq(waitpid(other, NULL, 0), other);
}

Test(pin, told_to_stop_while_waiting)
{
	struct work work = { .stop = SIGTERM };
	struct pin *pin = NULL;

	live_sql("CREATE TABLE t(a)");
	pid_t other = live_holder("BEGIN EXCLUSIVE");
	pinned_inspect();
	cr_assert_eq(pinned_try(60000, &work, &pin), -1);
	cr_assert_eq(pinned_err.kind, ERR_STOPPED);
	cr_assert_eq(pinned_err.code, SIGTERM);
	live_dismiss(other);
}

Test(pin, wal_mode_with_exclusive_locking)
{
	live_sql(live_wal_sql);
	pid_t other = live_holder("PRAGMA locking_mode = EXCLUSIVE;"
				  "INSERT INTO t(b) VALUES (1)");
	cr_assert_neq(access(live_path("-shm"), F_OK), 0);
	pinned_inspect();
	const char *before = live_listing();
	refused_as_locked_by(other, "locking_mode=EXCLUSIVE");
	cr_assert_str_eq(live_listing(), before);
	live_dismiss(other);
}

/* Writers in WAL mode do not wait for us, those of a journal do. */
Test(pin, blocks_nobody_in_wal_mode)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	live_sql("PRAGMA busy_timeout = 0; DELETE FROM t");
	pinned_let_go(pin);
}

/* --- what cannot be pinned --- */

static void
make_hot_journal(void)
{
	live_sql("CREATE TABLE t(a, b); WITH RECURSIVE n(i) AS (SELECT 1 "
		 "UNION ALL SELECT i + 1 FROM n LIMIT 1000) INSERT INTO t "
		 "SELECT i, randomblob(500) FROM n");
	live_sql_and_die("PRAGMA cache_size = 5; BEGIN;"
			 "UPDATE t SET b = randomblob(500)");
}

Test(pin, a_hot_journal)
{
	make_hot_journal();
	const char *before = live_listing();
	pinned_inspect();
	cr_assert_gt(pinned_source.journal_bytes, 0);
	pinned_refuse(ERR_INPUT, "was left in the middle of a transaction",
	    "'PRAGMA schema_version'");
	cr_assert_str_eq(live_listing(), before);

	/* The hint is a cure. */
	live_sql("PRAGMA schema_version");
	pinned_let_go(pinned_open());
}

Test(pin, a_hot_journal_beside_a_wal_header)
{
	make_hot_journal();
	live_spoil(18, "\2\2", 2);
	const char *before = live_listing();
	pinned_inspect();
	pinned_refuse(ERR_INPUT, "was left in the middle of a transaction", "");
	cr_assert_str_eq(live_listing(), before);
}

Test(pin, a_journal_of_others)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql("PRAGMA journal_mode = PERSIST; CREATE TABLE t(a)");
	cr_assert_eq(chmod(live_db, 0644), 0);
	pinned_let_go(pinned_open());
	cr_assert_eq(chmod(live_path("-journal"), 0600), 0);
	live_become(live_nobody);
	pinned_inspect();
	pinned_refuse(ERR_INPUT, "app.db-journal' cannot be read",
	    "run litesafe as root");
}

Test(pin, moved_since_it_was_inspected)
{
	live_sql("CREATE TABLE t(a)");
	pinned_inspect();
	cr_assert_eq(rename(live_db, live_path(".old")), 0);
	pinned_refuse(ERR_INPUT, "renamed or deleted", "howtocorrupt");
	live_sql("CREATE TABLE t(a)");
	pinned_refuse(
	    ERR_INPUT, "was replaced by another file", "howtocorrupt");
}

/* --- the journal mode changes between looking and opening --- */

Test(pin, became_wal_since_it_was_inspected)
{
	struct pin *pin = NULL;

	live_sql("CREATE TABLE t(a)");
	pinned_inspect();
	live_sql("PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)");
	cr_assert_eq(pinned_try(100, NULL, &pin), 0, "%s", pinned_err.text);
	cr_assert(pin_facts(pin)->wal);
	pinned_let_go(pin);

	cr_assert_eq(live_listing()[0], 'a');
}

Test(pin, became_wal_and_lives)
{
	struct pin *pin = NULL;

	live_sql("CREATE TABLE t(a)");
	pinned_inspect();
	pid_t other =
	    live_holder("PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)");
	const char *before = live_listing();
	cr_assert_eq(pinned_try(100, NULL, &pin), 0, "%s", pinned_err.text);
	cr_assert(pin_facts(pin)->wal);
	pinned_let_go(pin);
	cr_assert_str_eq(live_listing(), before);
	live_dismiss(other);
}

Test(pin, became_rollback_since_it_was_inspected)
{
	struct pin *pin = NULL;

	live_sql(live_wal_sql);
	pinned_inspect();
	live_sql("PRAGMA journal_mode = DELETE");
	const char *before = live_listing();
	cr_assert_eq(pinned_try(100, NULL, &pin), 0, "%s", pinned_err.text);
	cr_assert_not(pin_facts(pin)->wal);
	cr_assert_eq(sqlite3_db_readonly(pin_handle(pin), "main"), 1);
	pinned_let_go(pin);
	cr_assert_str_eq(live_listing(), before);
}
