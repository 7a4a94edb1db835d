/* What several failures add up to. */
#include "command/tally.h"

#include <criterion/criterion.h>
#include <string.h>

#include "run.h"

static struct session session;
static struct tally tally = TALLY_NONE;

static void
begin(void)
{
	static const struct command command = { .name = "backup" };

	run_in_silence();
	session.command = &command;
	session.say.out = stdout;
}

static int
fail(enum err_kind kind, struct err *err)
{
	const struct tally_object object = { .set = "a", .path = "/a" };
	struct err one = { .kind = ERR_NONE };

	(void)err_set(&one, kind, 0, "some text");
	return tally_failed(&tally, &session, &object, &one, err);
}

TestSuite(tally, .init = begin);

Test(tally, nothing_failed)
{
	struct err err = { .kind = ERR_NONE };

	cr_expect_eq(tally_end(&tally, &err), 0);
	tally.fine = 3;
	cr_expect_eq(tally_end(&tally, &err), 0);
}

Test(tally, one_alone_and_all_alike_keep_their_kind)
{
	struct err err = { .kind = ERR_NONE };

	cr_expect_eq(fail(ERR_INPUT, &err), 0);
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect_eq(err.kind, ERR_INPUT);
	cr_expect_eq(fail(ERR_INPUT, &err), 0);
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect_eq(err.kind, ERR_INPUT);
	cr_expect_eq(session.counts.failed, 2);
}

Test(tally, some_that_failed_are_partial)
{
	struct err err = { .kind = ERR_NONE };

	(void)fail(ERR_INPUT, &err);
	tally.fine = 1;
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect_eq(err.kind, ERR_PARTIAL);
	cr_expect(strstr(err.text, "1 of 2 failed") != NULL, "%s", err.text);
}

Test(tally, different_ones_are_partial)
{
	struct err err = { .kind = ERR_NONE };

	(void)fail(ERR_INPUT, &err);
	(void)fail(ERR_BUSY, &err);
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect_eq(err.kind, ERR_PARTIAL);
}

Test(tally, a_stop_request_ends_it)
{
	struct err err = { .kind = ERR_NONE };

	cr_expect_eq(fail(ERR_INPUT, &err), 0);
	cr_expect_eq(fail(ERR_STOPPED, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
}

Test(tally, counted_without_a_word)
{
	struct err one = { .kind = ERR_NONE }, err = { .kind = ERR_NONE };

	(void)err_set(&one, ERR_BUSY, 0, "a");
	tally_add(&tally, &one);
	tally_add(&tally, &one);
	cr_expect_eq(tally.failed, 2);
	cr_expect_eq(session.counts.failed, 0);
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	tally.fine = 3;
	cr_expect_eq(tally_end(&tally, &err), -1);
	cr_expect(strstr(err.text, "2 of 5 failed") != NULL, "%s", err.text);
}
