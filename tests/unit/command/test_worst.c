/* Which of several errors the exit code tells. */
#include "command/worst.h"

#include <criterion/criterion.h>
#include <string.h>

#include "run.h"

static struct session session;
static struct err worst;

static void
begin(void)
{
	static const struct command command = { .name = "verify" };

	run_in_silence();
	session.command = &command;
	session.say.out = stdout;
	worst = (struct err){ .kind = ERR_NONE };
}

static int
tell(enum err_kind kind, const char *text)
{
	struct err one = { .kind = ERR_NONE };

	(void)err_set(&one, kind, 0, "%s", text);
	return worst_tell(&session, &worst, &one);
}

TestSuite(worst, .init = begin);

Test(worst, the_first_of_equals_stays)
{
	cr_expect_eq(tell(ERR_FAILED, "first"), 0);
	cr_expect_eq(tell(ERR_NO_SPACE, "second"), 0);
	cr_expect_str_eq(worst.text, "first");
	cr_expect(session.say.told);
}

Test(worst, damage_is_worse_and_a_stop_request_ends_it)
{
	cr_expect_eq(tell(ERR_FAILED, "failed"), 0);
	cr_expect_eq(tell(ERR_DAMAGED, "damaged"), 0);
	cr_expect_str_eq(worst.text, "damaged");
	cr_expect_eq(tell(ERR_REFUSED, "refused"), 0);
	cr_expect_str_eq(worst.text, "damaged");
	cr_expect_eq(tell(ERR_STOPPED, "stopped"), -1);
	cr_expect_str_eq(worst.text, "stopped");
}

Test(worst, a_usage_error_gets_its_hint)
{
	cr_expect_eq(tell(ERR_USAGE, "what"), 0);
	cr_expect_str_eq(worst.hint, "see 'litesafe verify --help'");
}

Test(worst, kept_without_a_word)
{
	struct err one = { .kind = ERR_NONE };

	worst_keep(&worst, &one);
	cr_expect_eq(worst.kind, ERR_NONE);
	(void)err_set(&one, ERR_PARTIAL, 0, "some");
	worst_keep(&worst, &one);
	(void)err_set(&one, ERR_FAILED, 0, "later");
	worst_keep(&worst, &one);
	cr_expect_str_eq(worst.text, "some");
	cr_expect(!session.say.told);
}
