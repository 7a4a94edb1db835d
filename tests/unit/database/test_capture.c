#include "database/capture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "database/engine.h"
#include "database/pin_handle.h"
#include "tests/unit/database/captured.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

static void
begin(void)
{
	struct err err = { 0 };

	live_begin();
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
}

TestSuite(capture, .init = begin, .fini = live_end);

static void
is_the_file(const struct captured *image)
{
	size_t len = 0;
	uint8_t *file = live_content(live_db, &len);

	cr_assert_eq(image->len, len);
	cr_assert_arr_eq(image->bytes, file, len);
	free(file);
}

Test(capture, every_shape_bit_for_bit)
{
	for (int size = 512; size <= 65536; size *= 2)
		for (int shape = 0; shape < 6; shape++) {
			char sql[900];

			(void)snprintf(sql, sizeof(sql),
			    "PRAGMA page_size = %d; PRAGMA auto_vacuum = %d;"
			    "%s; DELETE FROM t WHERE a %% 3 = 0;"
			    "PRAGMA journal_mode = %s",
			    size, shape % 3, live_wal_sql,
			    shape < 3 ? "WAL" : "DELETE");
			live_sql(sql);
			struct pin *pin = pinned_open();
			struct captured image = captured(pin);
			is_the_file(&image);
			pin_auto(&pin);
			free(image.bytes);
			cr_assert_eq(unlink(live_db), 0);
		}
}

/* What SQLite does not look at is copied like the rest. */
Test(capture, odd_bytes)
{
	live_sql(live_wal_sql);
	live_spoil(20, "\x20", 1); /* reserved bytes, with content */
	live_spoil(72, "twenty reserved byte", 20);
	live_spoil(40, "\xff\xff\xff\xff", 4); /* the cookie's largest value */
	live_spoil(24, "\xff\xff\xff\xff", 4);
	live_spoil(92, "\xff\xff\xff\xff", 4);
	live_spoil(4096 * 3 - 32, "content of the reserved bytes...", 32);
	struct pin *pin = pinned_open();
	struct captured image = captured(pin);
	is_the_file(&image);
	free(image.bytes);
	pin_auto(&pin);
}

/* A step is then one page; none is lost or waited for twice. */
Test(capture, at_a_pace)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	const struct pin_facts *facts = pin_facts(pin);
	struct pace pace = { .rate = (uint64_t)facts->page_size * 100 };
	struct captured image = { .pace = &pace };
	double begin_at = clock_steady();

	cr_assert_eq(captured_try(pin, &image, NULL), 0, "%s", pinned_err.text);
	double took = clock_steady() - begin_at;
	double due = (facts->page_count - 2) / 100.0;
	cr_expect(
	    took > due * 0.9 && took < due * 2 + 1, "%f of %f s", took, due);
	cr_assert_eq(image.count, facts->page_count);
	is_the_file(&image);
	free(image.bytes);
	pin_auto(&pin);
}

Test(capture, one_page)
{
	live_sql("PRAGMA user_version = 1");
	struct pin *pin = pinned_open();
	struct captured image = captured(pin);
	cr_assert_eq(image.count, 1);
	is_the_file(&image);
	free(image.bytes);
	pin_auto(&pin);
}

Test(capture, damaged_trees_and_schema)
{
	uint8_t noise[3996];

	live_sql(live_wal_sql);
	memset(noise, 0xa5, sizeof(noise));
	live_spoil(100, noise, sizeof(noise));
	live_spoil(8192, noise, sizeof(noise));
	struct pin *pin = pinned_open();
	struct captured image = captured(pin);
	is_the_file(&image);
	free(image.bytes);
	pin_auto(&pin);
}

/* SQLite's own answer to a question, from the image alone. */
static char *
ask_image(struct captured *image, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	/* A whole image needs no WAL. */
	image->bytes[18] = image->bytes[19] = 1;
	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_deserialize(db, "main", image->bytes,
			 (sqlite3_int64)image->len, (sqlite3_int64)image->len,
			 SQLITE_DESERIALIZE_READONLY),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK,
	    "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	char *answer = strdup((const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return answer;
}

static char *
ask_pin(struct pin *pin, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	cr_assert_eq(sqlite3_prepare_v2(pin_handle(pin), sql, -1, &stmt, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	char *answer = strdup((const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	return answer;
}

static void
is_the_pinned_state(struct pin *pin, struct captured *image)
{
	static const char everything[] =
	    "SELECT count(*) || ' ' || sum(a) || ' ' || hex(group_concat("
	    "substr(b, 1, 4))) || (SELECT c FROM count) FROM t";
	AUTO(free) char *ok = ask_image(image, "PRAGMA integrity_check");
	AUTO(free)
	char *same = ask_image(
	    image, "SELECT (SELECT sum(a) FROM t) = (SELECT c FROM count)");
	AUTO(free) char *theirs = ask_pin(pin, everything);
	AUTO(free) char *ours = ask_image(image, everything);

	cr_assert_str_eq(ok, "ok");
	cr_assert_str_eq(same, "1");
	cr_assert_str_eq(ours, theirs);
}

/* Meanwhile the others get on: they are given time at some page. */
static int
let_others_write(struct err *act_err)
{
	(void)act_err;
	return usleep(200000);
}

Test(capture, while_others_write_and_checkpoint)
{
	live_sql(live_wal_sql);
	pid_t one = live_writer();
	pid_t two = live_writer();
	double until = clock_steady() + 6;
	char last[64] = "";
	unsigned runs = 0, states = 0;

	while (clock_steady() < until) {
		struct pin *pin = pinned_open();
		struct captured image = {
			.act_at = pin_facts(pin)->page_count / 2,
			.act = let_others_write,
		};
		AUTO(free)
		char *before = ask_pin(pin, "SELECT c FROM count");

		cr_assert_eq(
		    captured_try(pin, &image, NULL), 0, "%s", pinned_err.text);
		is_the_pinned_state(pin, &image);
		AUTO(free)
		char *now = ask_image(&image, "SELECT c FROM count");
		cr_assert_str_eq(now, before);
		states += strcmp(now, last) != 0;
		(void)snprintf(last, sizeof(last), "%s", now);
		pinned_let_go(pin);
		free(image.bytes);
		runs++;
	}
	cr_assert_gt(runs, 5);
	cr_assert_gt(states, runs / 2); /* they did write meanwhile */
	live_kill(one);
	live_kill(two);
}

/*
 * What is read ahead is what would be read now: the second capture of a pin
 * finds each page as the first one did, whatever was written back meanwhile.
 */
Test(capture, twice_in_one_pin_while_others_checkpoint)
{
	live_sql(live_wal_sql);
	pid_t writer = live_writer();

	for (uint32_t i = 0; i < 25; i++) {
		struct pin *pin = pinned_open();
		struct captured first = {
			.act_at = 2 + i * 16,
			.act = let_others_write,
		};

		cr_assert_eq(
		    captured_try(pin, &first, NULL), 0, "%s", pinned_err.text);
		struct captured second = captured(pin);
		cr_assert_eq(first.len, second.len);
		cr_assert_arr_eq(first.bytes, second.bytes, first.len);
		pinned_let_go(pin);
		free(first.bytes);
		free(second.bytes);
	}
	live_kill(writer);
}

static pid_t victim;

static int
kill_the_writer(struct err *act_err)
{
	(void)act_err;
	return kill(victim, SIGKILL);
}

Test(capture, while_the_writer_dies)
{
	live_sql(live_wal_sql);
	for (uint32_t i = 1; i < 100; i += 12) {
		victim = live_writer();
		(void)usleep(30000);
		struct pin *pin = pinned_open();
		struct captured image = { .act_at = i, .act = kill_the_writer };
		cr_assert_eq(
		    captured_try(pin, &image, NULL), 0, "%s", pinned_err.text);
		is_the_pinned_state(pin, &image);
		pin_auto(&pin);
		free(image.bytes);
		cr_assert_eq(waitpid(victim, NULL, 0), victim);
	}
	live_sql("PRAGMA schema_version");
}

/* Of a rollback database writers wait until we let go. */
Test(capture, a_rollback_database_stands_still)
{
	live_sql(live_wal_sql);
	live_sql("PRAGMA journal_mode = DELETE");
	pid_t writer = live_writer();
	for (int i = 0; i < 20; i++) {
		struct pin *pin = pinned_open();
		cr_assert_not(pin_facts(pin)->wal);
		struct captured image = { .act_at = 5,
			.act = let_others_write };
		cr_assert_eq(
		    captured_try(pin, &image, NULL), 0, "%s", pinned_err.text);
		is_the_pinned_state(pin, &image);
		pin_auto(&pin);
		free(image.bytes);
	}
	live_kill(writer);
}

static int
disk_full(struct err *act_err)
{
	return err_set(act_err, ERR_NO_SPACE, 28, "no space in '%s'", "there");
}

Test(capture, an_error_of_the_callback_comes_back_as_it_is)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	uint32_t count = pin_facts(pin)->page_count;
	const uint32_t pages[] = { 1, 2, 3, 60, count - 1, count };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct captured image = { .act_at = pages[i],
			.act = disk_full };

		pinned_err = (struct err){ 0 };
		cr_assert_eq(captured_try(pin, &image, NULL), -1);
		cr_assert_eq(pinned_err.kind, ERR_NO_SPACE);
		cr_assert_eq(pinned_err.code, 28);
		cr_assert_str_eq(pinned_err.text, "no space in 'there'");
		cr_assert_eq(image.count, pages[i]);
		free(image.bytes);
	}

	/* The pin outlives it. */
	struct captured image = captured(pin);
	free(image.bytes);
	pin_auto(&pin);
}

static struct work work;

static int
ask_to_stop(struct err *act_err)
{
	(void)act_err;
	work.stop = SIGINT;
	return 0;
}

Test(capture, told_to_stop)
{
	live_sql(live_wal_sql);
	live_sql("INSERT INTO t(b) SELECT zeroblob(4000) FROM t");
	struct pin *pin = pinned_open();
	struct captured image = { .act_at = 50, .act = ask_to_stop };
	cr_assert_eq(captured_try(pin, &image, &work), -1);
	cr_assert_eq(pinned_err.kind, ERR_STOPPED);
	cr_assert_leq(image.count, 50 + (1 << 20) / image.page_size + 60);
	free(image.bytes);
	pin_auto(&pin);
}

/* --- the lock-byte page --- */

static uint32_t lock_page, odd_pages, last_number;

static int
look_at_page(void *ctx, const uint8_t *page, struct err *page_err)
{
	const struct pin_facts *facts = ctx;
	(void)page_err;
	uint32_t number = ++last_number;

	if (number == lock_page) {
		for (uint32_t i = 0; i < facts->page_size; i++)
			odd_pages += page[i] != 0;
	} else if (number == lock_page - 1 || number == lock_page + 1) {
		odd_pages += get_be32(page + 200) != number;
	}
	return 0;
}

/* A sparse file of so many pages, marked around the lock page. */
static void
make_large(uint32_t page_size, uint32_t pages)
{
	char sql[100];

	lock_page = (1U << 30) / page_size + 1;
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA page_size = %u; CREATE TABLE t(a)", page_size);
	live_sql(sql);
	int fd = open(live_db, O_RDWR);
	cr_assert_eq(ftruncate(fd, (off_t)page_size * pages), 0);
	uint8_t number[4] = { (uint8_t)(pages >> 24), (uint8_t)(pages >> 16),
		(uint8_t)(pages >> 8), (uint8_t)pages };
	cr_assert_eq(pwrite(fd, number, 4, 28), 4);
	for (uint32_t n = lock_page - 1; n <= lock_page + 1 && n <= pages;
	     n++) {
		uint8_t mark[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
			(uint8_t)(n >> 8), (uint8_t)n };
		cr_assert_eq(
		    pwrite(fd, mark, 4, (off_t)(n - 1) * page_size + 200), 4);
	}
	(void)close(fd);
}

static void
passes_the_lock_page(uint32_t page_size, uint32_t pages)
{
	make_large(page_size, pages);
	struct pin *pin = pinned_open();
	const struct capture_options options = {
		.page = look_at_page,
		.ctx = (void *)(uintptr_t)pin_facts(pin),
	};

	last_number = odd_pages = 0;
	cr_assert_eq(pin_facts(pin)->page_count, pages);
	cr_assert_eq(
	    capture_run(pin, &options, &pinned_err), 0, "%s", pinned_err.text);
	cr_assert_eq(last_number, pages);
	cr_assert_eq(odd_pages, 0);
	pin_auto(&pin);
	cr_assert_eq(unlink(live_db), 0);
}

Test(capture, the_lock_page)
{
	uint32_t lock = (1U << 30) / 65536 + 1;

	passes_the_lock_page(65536, lock); /* the last */
	passes_the_lock_page(65536, lock + 70);
	passes_the_lock_page(4096, (1U << 30) / 4096 + 2);
}

/* Somebody who may only read, beside a living application of another. */
Test(capture, a_reader_without_rights)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0644), 0);
	cr_assert_eq(chmod(live_folder, 0755), 0);
	pid_t writer = live_writer();
	(void)usleep(50000);
	live_become(live_nobody);
	for (int i = 0; i < 5; i++) {
		struct pin *pin = pinned_open();
		struct captured image = captured(pin);
		is_the_pinned_state(pin, &image);
		pin_auto(&pin);
		free(image.bytes);
	}
	live_return();
	live_kill(writer);
}
