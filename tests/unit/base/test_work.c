#include "base/work.h"

#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/clock.h"

Test(work, a_phase_begins_at_zero)
{
	struct work work = { .phase = NULL };

	work_add(&work, 5);
	work_phase(&work, "reading", 100);
	cr_assert_str_eq(atomic_load(&work.phase), "reading");
	cr_assert_eq(atomic_load(&work.total), 100);
	cr_assert_eq(atomic_load(&work.done), 0);
	work_add(&work, 40);
	work_add(&work, 2);
	cr_assert_eq(atomic_load(&work.done), 42);
}

Test(work, nobody_needs_to_watch)
{
	struct err err = { 0 };

	work_phase(NULL, "reading", 100);
	work_add(NULL, 1);
	cr_assert_eq(work_check(NULL, &err), 0);
}

Test(work, a_stop_request_names_the_signal)
{
	struct work work = { .phase = NULL };
	struct err err = { 0 };

	cr_assert_eq(work_check(&work, &err), 0);
	atomic_store(&work.stop, SIGTERM);
	cr_assert_eq(work_check(&work, &err), -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
	cr_assert_eq(err.code, SIGTERM);
	cr_assert(strstr(err.text, "15") != NULL);
}

static int
third_time(void *ctx, struct err *err)
{
	int *calls = ctx;

	if (++*calls < 3)
		return 0;
	return err_set(err, ERR_BUSY, 0, "the limit of 3 was reached");
}

Test(work, the_limit_in_force_is_asked)
{
	int calls = 0;
	struct work work = { .limit = third_time, .limit_ctx = &calls };
	struct err err = { 0 };

	cr_assert_eq(work_check(&work, &err), 0);
	cr_assert_eq(work_check(&work, &err), 0);
	cr_assert_eq(work_check(&work, &err), -1);
	cr_assert_eq(err.kind, ERR_BUSY);

	work.limit = NULL;
	cr_assert_eq(work_check(&work, &err), 0);
}

Test(work, a_signal_comes_before_the_limit)
{
	int calls = 0;
	struct work work = { .limit = third_time, .limit_ctx = &calls };
	struct err err = { 0 };

	atomic_store(&work.stop, SIGINT);
	cr_assert_eq(work_check(&work, &err), -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
	cr_assert_eq(calls, 0);
}

Test(work, small_pieces_are_added_by_the_mebibyte)
{
	struct work work = { .limit = NULL };
	uint64_t gathered = 0;

	for (unsigned i = 1; i <= 1000; i++) {
		work_gather(&work, &gathered, 4096);
		cr_assert_eq(atomic_load(&work.done),
		    (uint64_t)i * 4096 / (1 << 20) * (1 << 20));
	}
	work_gather(&work, &gathered, 5 << 20);
	cr_expect_eq(
	    atomic_load(&work.done) + gathered, 1000 * 4096 + (5 << 20));
	cr_expect_eq(gathered, 0);
	work_gather(NULL, &gathered, 4 << 20);
}

Test(work, over_is_a_signal_or_the_end_of_the_time)
{
	struct work work = { .limit = NULL };
	double later = clock_steady() + 60;

	cr_expect_not(work_is_stopped(NULL));
	cr_expect_not(work_is_over(NULL, later));
	cr_expect(work_is_over(NULL, clock_steady()));
	cr_expect_not(work_is_over(&work, later));
	atomic_store(&work.stop, SIGINT);
	cr_expect(work_is_stopped(&work));
	cr_expect(work_is_over(&work, later));
}

Test(work, over_is_a_limit_too)
{
	int calls = 0;
	struct work work = { .limit = third_time, .limit_ctx = &calls };
	double later = clock_steady() + 60;

	cr_expect_not(work_is_over(&work, later));
	cr_expect_not(work_is_over(&work, later));
	cr_expect(work_is_over(&work, later));
	cr_expect_not(work_is_stopped(&work));
}
