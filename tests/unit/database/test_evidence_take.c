/*
 * The facts of real pinned states; and random work and attacks on a real
 * database, after each of which what is believed is compared with all pages.
 */
#include "database/evidence_take.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/sha256.h"
#include "database/capture.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(evidence_take, .init = live_begin, .fini = live_end);

enum { millisecond = 1000000 };

/* Files must have been left alone for a few ticks of the kernel's clock. */
static const struct evidence_rule quick = {
	.margin_ns = 30 * millisecond,
	.clock_step_ns = 20 * millisecond,
	.scan_every_ns = 3600 * (int64_t)1000 * millisecond,
	.scan_every_times = 1000,
};

static void
rest(void)
{
	const struct timespec pause = { .tv_nsec = 40 * millisecond };

	(void)nanosleep(&pause, NULL);
}

static int
add_page(void *ctx, const uint8_t *page, struct err *err)
{
	struct sha256 *stream = ctx;

	(void)err;
	sha256_add(stream, page, pinned_source.header.page_size);
	return 0;
}

struct seen {
	bool had; /* the evidence */
	struct evidence evidence;
	uint8_t pages[SHA256_BYTES]; /* of all of them */
};

static struct seen
see(void)
{
	struct seen seen = { .had = false };
	struct sha256 *stream = NULL;
	struct pin *pin = NULL;
	struct err err = { 0 };

	pinned_inspect();
	const struct pin_options options = { .busy_timeout_ms = 5000,
		.evidence = true };
	cr_assert_eq(
	    pin_open(&pinned_source, &options, &pin, &err), 0, "%s", err.text);
	seen.had = evidence_take(pin, &seen.evidence);
	cr_assert_eq(sha256_new(&stream, &err), 0);
	const struct capture_options capture = { .page = add_page,
		.ctx = stream };
	cr_assert_eq(capture_run(pin, &capture, &err), 0, "%s", err.text);
	sha256_finish(stream, seen.pages);
	sha256_free(stream);
	pinned_let_go(pin);
	return seen;
}

static const char *
doubt(const struct seen *then, const struct seen *now)
{
	const struct evidence_past past = { .facts = then->evidence,
		.scanned_ns = then->evidence.time_ns };

	cr_assert(then->had && now->had);
	return evidence_doubt(&past, &now->evidence, &quick);
}

Test(evidence_take, of_a_wal_database)
{
	live_sql_and_die(live_wal_sql);
	rest();
	struct seen first = see(), again = see();
	cr_assert(first.had);
	cr_assert(first.evidence.wal);
	cr_assert_gt(first.evidence.frames, 0);
	cr_assert_null(doubt(&first, &again), "%s", doubt(&first, &again));

	/* A commit that changes nothing that stat() or page 1 tell: the WAL
	 * file stays as large as it is, and so do the frames. */
	live_sql_and_die("PRAGMA wal_checkpoint(RESTART);"
			 "PRAGMA user_version = 5");
	struct seen one = see();
	live_sql_and_die("PRAGMA wal_checkpoint(RESTART);"
			 "PRAGMA user_version = 6");
	struct seen other = see();
	cr_assert_eq(one.evidence.frames, other.evidence.frames);
	cr_assert_eq(one.evidence.log.bytes, other.evidence.log.bytes);
	cr_assert_neq(
	    memcmp(one.evidence.salt, other.evidence.salt, sizeof(uint64_t)),
	    0);
}

Test(evidence_take, of_a_wal_database_that_nobody_has_open)
{
	live_sql(live_wal_sql);
	rest();
	struct seen first = see(), again = see();
	cr_assert(first.evidence.wal);
	cr_assert_eq(first.evidence.frames, 0);
	cr_assert_null(doubt(&first, &again), "%s", doubt(&first, &again));
	live_sql("UPDATE t SET b = NULL WHERE a = 7");
	again = see();
	cr_assert_not_null(doubt(&first, &again));
}

Test(evidence_take, of_a_rollback_database)
{
	live_sql("CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 2)");
	rest();
	struct seen first = see(), again = see();
	cr_assert(!first.evidence.wal);
	cr_assert_null(doubt(&first, &again), "%s", doubt(&first, &again));
	live_sql("UPDATE t SET b = 3");
	again = see();
	cr_assert_not_null(doubt(&first, &again));
}

/* The header in the shared memory runs away from the state that is pinned. */
Test(evidence_take, beside_a_writer_it_is_of_the_state_that_was_pinned)
{
	struct seen last = { .had = false };
	unsigned had = 0;

	live_sql(live_wal_sql);
	live_sql("CREATE TABLE count(c); INSERT INTO count SELECT sum(a) "
		 "FROM t");
	pid_t writer = live_writer();
	for (unsigned i = 0; i < 300; i++) {
		struct seen seen = see();

		if (!seen.had)
			continue;
		had++;
		/* The same frames are the same state, and no other one is. */
		if (last.had && seen.evidence.frames > 0 &&
		    memcmp(seen.evidence.salt, last.evidence.salt,
			sizeof(seen.evidence.salt)) == 0 &&
		    memcmp(seen.evidence.checksum, last.evidence.checksum,
			sizeof(seen.evidence.checksum)) == 0)
			cr_assert_arr_eq(seen.pages, last.pages, SHA256_BYTES);
		else if (last.had)
			cr_assert(
			    seen.evidence.frames == 0 ||
			    memcmp(seen.pages, last.pages, SHA256_BYTES) != 0);
		last = seen;
	}
	live_kill(writer);
	cr_assert_gt(had, 0);
}

/* --- random work and attacks -------------------------------------------- */

static uint64_t random_state = 4711;

static uint32_t
below(uint32_t limit)
{
	random_state =
	    random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % limit;
}

static struct copy {
	uint8_t *bytes;
	size_t len;
	struct stat st;
} saved[2]; /* the main file, the -wal */

static const char *const suffix[2] = { "", "-wal" };

static void
save(void)
{
	for (unsigned i = 0; i < 2; i++) {
		const char *path = live_path(suffix[i]);

		free(saved[i].bytes);
		saved[i] = (struct copy){ .bytes = NULL };
		if (stat(path, &saved[i].st) == 0)
			saved[i].bytes = live_content(path, &saved[i].len);
	}
}

static void
write_file(const char *path, int flags, const struct copy *copy)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, copy->bytes, copy->len), (ssize_t)copy->len);
	cr_assert_eq(ftruncate(fd, (off_t)copy->len), 0);
	cr_assert_eq(close(fd), 0);
}

/* cp, cp -p or mv of what was saved. */
static void
put_back(unsigned which)
{
	const struct copy *copy = &saved[which];
	const char *path = live_path(suffix[which]);
	const struct timespec times[2] = { copy->st.st_atim, copy->st.st_mtim };
	uint32_t how = below(3);

	if (copy->bytes == NULL) {
		(void)unlink(path);
		return;
	}
	if (how == 2) {
		const char *other = live_path("-other");

		write_file(other, O_TRUNC, copy);
		cr_assert_eq(utimensat(AT_FDCWD, other, times, 0), 0);
		cr_assert_eq(rename(other, path), 0);
		return;
	}
	write_file(path, below(2) == 0 ? O_TRUNC : 0, copy);
	if (how == 1)
		cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
put_back_main(void)
{
	put_back(0);
	(void)unlink(live_path("-wal"));
	(void)unlink(live_path("-shm"));
}

static void
put_back_both(void)
{
	put_back(0);
	put_back(1);
	(void)unlink(live_path("-shm"));
}

/* In place, and the times as they were. */
static void
spoil(void)
{
	struct stat st;
	uint8_t byte = (uint8_t)below(256);

	cr_assert_eq(stat(live_db, &st), 0);
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	live_spoil(st.st_size - 1 - (long)below(500), &byte, 1);
	cr_assert_eq(utimensat(AT_FDCWD, live_db, times, 0), 0);
}

static void
touch(void)
{
	cr_assert_eq(utimensat(AT_FDCWD, live_db, NULL, 0), 0);
}

static void
lose_the_log(void)
{
	(void)unlink(live_path("-wal"));
	(void)unlink(live_path("-shm"));
}

static void
by_sql(void)
{
	static const char *const work[] = {
		"UPDATE t SET b = randomblob(900) WHERE a = %u",
		"UPDATE t SET b = b WHERE a = %u",
		"INSERT INTO t VALUES(NULL, randomblob(%u))",
		"DELETE FROM t WHERE a = %u",
		"PRAGMA wal_checkpoint(PASSIVE)",
		"PRAGMA wal_checkpoint(RESTART)",
		"PRAGMA wal_checkpoint(TRUNCATE)",
		"VACUUM",
		"BEGIN IMMEDIATE; ROLLBACK",
		"PRAGMA cache_size = 5; BEGIN; UPDATE t SET b = randomblob(900);"
		"ROLLBACK",
		"PRAGMA journal_mode = DELETE;"
		"UPDATE t SET b = randomblob(900) WHERE a = %u",
		"PRAGMA journal_mode = WAL;"
		"UPDATE t SET b = randomblob(900) WHERE a = %u",
		"PRAGMA user_version = %u",
	};
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    work[below(sizeof(work) / sizeof(work[0]))], 1 + below(40));
	if (below(2) == 0)
		live_sql(sql);
	else
		live_sql_and_die(sql);
}

static void
nothing(void)
{
}

Test(evidence_take, what_is_believed_is_true)
{
	static void (*const happenings[])(void) = { by_sql, by_sql, by_sql,
		by_sql, by_sql, nothing, nothing, nothing, save, put_back_main,
		put_back_both, spoil, touch, lose_the_log };
	struct seen then = { .had = false };
	unsigned believed = 0;

	live_sql("PRAGMA journal_mode = WAL;"
		 "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
		 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
		 "n LIMIT 40) INSERT INTO t SELECT i, randomblob(900) FROM n");
	save();
	for (unsigned i = 0; i < 400; i++) {
		happenings[below(sizeof(happenings) / sizeof(happenings[0]))]();
		if (below(4) == 0)
			rest();
		struct seen now = see();
		if (then.had && now.had && doubt(&then, &now) == NULL) {
			believed++;
			cr_assert_arr_eq(
			    now.pages, then.pages, SHA256_BYTES, "round %u", i);
			continue;
		}
		then = now;
	}
	cr_assert_gt(believed, 20);
	free(saved[0].bytes);
	free(saved[1].bytes);
}
