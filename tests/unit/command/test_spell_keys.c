/* Options become keys, and nothing else changes. */
#include "command/spell_keys.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void
becomes(const char *text, const char *wanted)
{
	struct err err = { .kind = ERR_FAILED };

	(void)snprintf(err.text, sizeof(err.text), "%s", text);
	(void)snprintf(err.hint, sizeof(err.hint), "%s", text);
	spell_keys(&err);
	cr_expect_str_eq(err.text, wanted);
	cr_expect_str_eq(err.hint, wanted);
	spell_keys(&err);
	cr_expect_str_eq(err.text, wanted, "the second time");
}

Test(spell_keys, names)
{
	becomes("raise --max-pin, and --rate if it is set, lower --level, or "
		"wait",
	    "raise max-pin, and rate if it is set, lower level, or wait");
	becomes("the limit of --max-pin", "the limit of max-pin");
	becomes("--set: it is none", "set: it is none");
}

Test(spell_keys, values)
{
	becomes("give it a set of its own: --set NAME",
	    "give it a set of its own: set = NAME");
	becomes("--checkpoint truncate stops writers: it needs "
		"--checkpoint-budget",
	    "checkpoint = truncate stops writers: it needs "
	    "checkpoint-budget");
	becomes(
	    "as in --checkpoint-budget 50ms", "as in checkpoint-budget = 50ms");
	becomes("name one with --state DIR or LITESAFE_STATE",
	    "name one with state = DIR or LITESAFE_STATE");
	becomes("with --frozen if nobody writes",
	    "with frozen = yes if nobody writes");
	becomes("--verify stored takes it as it is (--verify storing)",
	    "verify = stored takes it as it is (verify storing)");
}

Test(spell_keys, what_is_no_key_of_a_job_stays)
{
	static const char *const texts[] = {
		"",
		"--",
		"--wait waits for it to end",
		"no --such-option, and ---level or x--level",
		"see --log-file",
		"'litesafe backup --recursive' finds all below it",
		"it is made by: litesafe verify -r 'a b' --level restore",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		becomes(texts[i], texts[i]);
	becomes("run 'litesafe backup --full', or lower --level; else "
		"litesafe show --set x; --frozen",
	    "run 'litesafe backup --full', or lower level; else litesafe show "
	    "--set x; frozen = yes");
}

Test(spell_keys, what_would_be_too_long_stays)
{
	struct err err = { .kind = ERR_FAILED };

	memset(err.text, 'x', sizeof(err.text) - 1);
	(void)strcpy(
	    err.text + sizeof(err.text) - sizeof(" --frozen"), " --frozen");
	spell_keys(&err);
	cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
	cr_expect(strstr(err.text, " --frozen") != NULL);
}
