/* One order: line, environment, job, [global], default. */
#include "command/origin.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "command/option_table.h"

enum { HAS_LINE = 1, HAS_VARIABLE = 2, HAS_JOB = 4, HAS_GLOBAL = 8, ALL = 16 };

static char verify[] = "verify", repository[] = "repository", text[] = "/r";
static struct config_value values[] = {
	{ .key = verify, .text = text },
	{ .key = repository, .text = text },
};
static const struct config_section with = {
	.values = values,
	.count = 2,
};
static const struct config_section without = { .count = 0 };
static struct config_section job, global;

static struct origin
ask(const char *key, unsigned has, bool for_job)
{
	const struct option *option = option_table_key(key);
	struct options line = { .json = false };
	const struct origin_layers layers = {
		.line = &line,
		.job = for_job ? &job : NULL,
		.global = &global,
	};

	line.given[option - option_table] = (has & HAS_LINE) != 0;
	if ((has & HAS_VARIABLE) != 0)
		(void)setenv(option->environment, "x", 1);
	else
		(void)unsetenv(option->environment);
	job = (has & HAS_JOB) != 0 ? with : without;
	global = (has & HAS_GLOBAL) != 0 ? with : without;
	return origin_of(option, &layers);
}

Test(origin, every_combination_of_levels)
{
	for (unsigned has = 0; has < ALL; has++) {
		struct origin origin = ask("verify", has, true);

		cr_expect_eq(origin.kind,
		    (has & HAS_LINE) != 0		  ? ORIGIN_COMMAND_LINE
		    : (has & HAS_VARIABLE) != 0		  ? ORIGIN_ENVIRONMENT
		    : (has & (HAS_JOB | HAS_GLOBAL)) != 0 ? ORIGIN_FILE
							  : ORIGIN_DEFAULT,
		    "%u", has);
		if (origin.kind == ORIGIN_FILE)
			cr_expect_eq(origin.section,
			    (has & HAS_JOB) != 0 ? &job : &global, "%u", has);
	}
}

Test(origin, a_job_keeps_its_repository)
{
	for (unsigned has = 0; has < ALL; has++) {
		cr_expect_eq(ask("repository", has, true).kind,
		    (has & HAS_LINE) != 0		  ? ORIGIN_COMMAND_LINE
		    : (has & (HAS_JOB | HAS_GLOBAL)) != 0 ? ORIGIN_FILE
		    : (has & HAS_VARIABLE) != 0		  ? ORIGIN_ENVIRONMENT
							  : ORIGIN_DEFAULT,
		    "%u", has);
		/* Another command has no job, and the usual order. */
		cr_expect_eq(ask("repository", has, false).kind,
		    (has & HAS_LINE) != 0	? ORIGIN_COMMAND_LINE
		    : (has & HAS_VARIABLE) != 0 ? ORIGIN_ENVIRONMENT
		    : (has & HAS_GLOBAL) != 0	? ORIGIN_FILE
						: ORIGIN_DEFAULT,
		    "%u", has);
	}
}
