/* The limits answer through work_check(), in time, and let go again. */
#include "backup/limits.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/shared/fresh.h"

static char folder[FRESH_BYTES];
static struct source source;
static char wal[sizeof(source.path) + 8];

static void
make_source(void)
{
	fresh_folder(folder);
	(void)snprintf(source.path, sizeof(source.path), "%s/a.db", folder);
	(void)snprintf(wal, sizeof(wal), "%s-wal", source.path);
}

static void
remove_source(void)
{
	(void)unlink(wal);
	(void)rmdir(folder);
}

static void
grow_wal(off_t bytes)
{
	int fd = open(wal, O_RDWR | O_CREAT, 0600);

	cr_assert(fd >= 0);
	cr_assert_eq(ftruncate(fd, bytes), 0);
	(void)close(fd);
}

TestSuite(limits, .init = make_source, .fini = remove_source);

Test(limits, none_set_is_no_limit)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = { .source = &source, .start = -1e9 };

	limits_prepare(&limits);
	limits_begin(&limits, &work);
	cr_expect_eq(work_check(&work, &err), 0);
	limits_end(&work);
	cr_expect(work.limit == NULL);
}

Test(limits, a_pin_that_lasts_too_long_is_busy)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = {
		.source = &source,
		.start = clock_steady(),
		.max_seconds = 5,
	};

	limits_prepare(&limits);
	limits_begin(&limits, &work);
	cr_expect_eq(work_check(&work, &err), 0);
	limits.start -= 6;
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "--max-pin") != NULL);
	limits_end(&work);
	cr_expect_eq(work_check(&work, &err), 0, "the limit outlived the pin");
}

Test(limits, growth_counts_from_the_size_at_the_pin)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = {
		.source = &source,
		.start = clock_steady(),
		.wal_before = 10 << 20,
		.max_growth = 5 << 20,
	};

	limits_prepare(&limits);
	limits_begin(&limits, &work);
	grow_wal(15 << 20);
	cr_expect_eq(
	    work_check(&work, &err), 0, "exactly the limit is allowed");
	grow_wal((15 << 20) + 1);
	limits.next_look = 0;
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "by 5.0 MiB") != NULL, "%s", err.text);
	limits_end(&work);
}

Test(limits, those_that_are_pinned_together_are_watched_together)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct source small = { .path = "/nowhere/small.db" };
	struct limits busy = {
		.source = &source,
		.start = clock_steady(),
		.max_growth = 5 << 20,
	};
	struct limits read = {
		.source = &small,
		.start = clock_steady(),
		.max_growth = 5 << 20,
		.next = &busy,
	};

	limits_prepare(&busy);
	limits_prepare(&read);
	limits_begin(&read, &work);
	cr_expect_eq(work_check(&work, &err), 0);
	grow_wal((5 << 20) + 1);
	busy.next_look = 0;
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect(strstr(err.text, source.path) != NULL, "%s", err.text);
	limits_end(&work);
}

/* As for a landing. */
Test(limits, growth_is_watched_without_a_pin)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = { .source = &source, .max_growth = 50 << 20 };

	limits_begin(&limits, &work);
	grow_wal(40 << 20);
	cr_expect_eq(work_check(&work, &err), 0);
	cr_expect_not(limits.behind.sought);
	grow_wal(60 << 20);
	limits.next_look = 0;
	cr_expect_eq(work_check(&work, &err), -1);
	limits_end(&work);
}

Test(limits, a_wal_that_shrank_is_not_growth)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = {
		.source = &source,
		.start = clock_steady(),
		.wal_before = 1000000,
		.max_growth = 1,
	};

	limits_prepare(&limits);
	limits_begin(&limits, &work);
	grow_wal(0);
	cr_expect_eq(work_check(&work, &err), 0);
	limits_end(&work);
}

Test(limits, a_stall_counts_only_where_writers_are_stopped)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = {
		.source = &source,
		.start = clock_steady() - 6,
		.max_stall = 5,
	};

	limits_prepare(&limits);
	limits_begin(&limits, &work);
	cr_expect_eq(work_check(&work, &err), 0);
	limits.stalls = true;
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "--max-stall") != NULL, "%s", err.text);
	limits_end(&work);
}

Test(limits, room_that_must_be_left)
{
	struct work work = { .limit = NULL };
	struct err err = { 0 };
	struct limits limits = {
		.source = &source,
		.start = clock_steady(),
		.min_free = 1,
	};
	int fd = open(source.path, O_RDWR | O_CREAT, 0600);

	cr_assert(fd >= 0);
	(void)close(fd);
	limits_prepare(&limits);
	limits_begin(&limits, &work);
	cr_expect_eq(work_check(&work, &err), 0, "%s", err.text);
	limits.next_look = 0;
	limits.min_free = UINT64_MAX;
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "--min-free") != NULL, "%s", err.text);
	limits_end(&work);
	(void)unlink(source.path);
}
