/* One loop reads every spelling, refuses the rest, and says why. */
#include "command/options.h"

#include "database/checkpoint_rule.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"

enum { WORDS_MAX = 16 };

static const struct command *command;
static struct options options;
static struct err err;

/* Reads a command line whose words are separated by blanks. */
static int
read_line(const char *line)
{
	static char buffer[512];
	static char *argv[WORDS_MAX + 1];
	int argc = 0;

	(void)snprintf(buffer, sizeof(buffer), "litesafe %s", line);
	for (char *word = strtok(buffer, " "); word != NULL;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	err = (struct err){ .kind = ERR_NONE };
	return options_read(argc, argv, &command, &options, &err);
}

static void
expect_refused(const char *line, const char *text, const char *hint)
{
	cr_expect_eq(read_line(line), -1, "%s", line);
	cr_expect_eq(err.kind, ERR_USAGE, "%s", line);
	cr_expect(strstr(err.text, text) != NULL, "%s: %s", line, err.text);
	cr_expect(strstr(err.hint, hint) != NULL, "%s: %s", line, err.hint);
}

static void
clean_environment(void)
{
	for (const struct option *o = option_table; o->name != NULL; o++)
		if (o->environment != NULL)
			(void)unsetenv(o->environment);
}

TestSuite(options, .init = clean_environment);

Test(options, defaults)
{
	cr_assert_eq(read_line("backup a.db"), 0, "%s", err.text);
	cr_expect_str_eq(command->name, "backup");
	cr_expect_eq(options.level, 3);
	cr_expect_eq(options.prove, PROVE_STORED);
	cr_expect_float_eq(options.busy_timeout, 5, 1e-9);
	cr_expect_float_eq(options.max_pin, 0, 1e-9);
	cr_expect_eq(options.max_wal_growth, 0);
	cr_expect_eq(options.threads, 0);
	cr_expect(options.output == NULL && !options.json && !options.force);
	cr_expect_eq(options.color, WHEN_AUTO);
	cr_assert_eq(read_line("verify a"), 0);
	cr_expect_eq(options.verify_level, 1);
	cr_expect_eq(options.verify_check, 0);
	cr_assert_eq(read_line("restore a"), 0);
	cr_expect_eq(options.restore_check, 1);
}

Test(options, every_spelling_of_a_value)
{
	static const char *const lines[] = {
		"backup a.db -o x.tar",
		"backup a.db -ox.tar",
		"backup a.db --output x.tar",
		"backup a.db --output=x.tar",
		"backup -qvo x.tar a.db",
		"-q backup -o x.tar -- a.db",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		cr_assert_eq(read_line(lines[i]), 0, "%s", err.text);
		cr_expect_str_eq(options.output, "x.tar");
		cr_expect_eq(options.operand_count, 1);
		cr_expect_str_eq(options.operands[0], "a.db");
	}
}

Test(options, grouped_flags)
{
	cr_assert_eq(read_line("show -qv f"), 0);
	cr_expect(options.quiet && options.verbose);
}

Test(options, operands_before_between_and_after)
{
	cr_assert_eq(read_line("verify a --strict b -- --json -"), 0);
	cr_expect(options.strict && !options.json);
	cr_expect_eq(options.operand_count, 4);
	cr_expect_str_eq(options.operands[0], "a");
	cr_expect_str_eq(options.operands[1], "b");
	cr_expect_str_eq(options.operands[2], "--json");
	cr_expect_str_eq(options.operands[3], "-");
}

Test(options, a_dash_is_a_value_too)
{
	cr_assert_eq(read_line("backup a -o -"), 0);
	cr_expect_str_eq(options.output, "-");
	cr_assert_eq(read_line("restore - --to x"), 0);
	cr_expect_str_eq(options.operands[0], "-");
}

Test(options, the_same_name_by_command)
{
	cr_assert_eq(read_line("backup a --level 19"), 0);
	cr_expect_eq(options.level, 19);
	cr_assert_eq(read_line("verify a --level stored --check full"), 0);
	cr_expect_eq(options.verify_level, 0);
	cr_expect_eq(options.verify_check, 1);
	cr_expect_eq(options.level, 3);
	cr_assert_eq(read_line("restore a --check none"), 0);
	cr_expect_eq(options.restore_check, 0);
}

Test(options, typed_values)
{
	cr_assert_eq(read_line("backup a --max-pin 1.5m --max-wal-growth 64M "
			       "--busy-timeout=250ms --threads 64"),
	    0, "%s", err.text);
	cr_expect_float_eq(options.max_pin, 90, 1e-9);
	cr_expect_eq(options.max_wal_growth, 64u << 20);
	cr_expect_float_eq(options.busy_timeout, 0.25, 1e-9);
	cr_expect_eq(options.threads, 64);
	cr_assert_eq(read_line("backup a --min-free 1G --max-stall 200ms "
			       "--checkpoint full --checkpoint-budget 50ms"),
	    0, "%s", err.text);
	cr_expect_eq(options.min_free, 1u << 30);
	cr_expect_float_eq(options.max_stall, 0.2, 1e-9);
	cr_expect_eq(options.checkpoint, CHECKPOINT_FULL);
	cr_expect_float_eq(options.checkpoint_budget, 0.05, 1e-9);
	cr_assert_eq(read_line("backup a"), 0);
	cr_expect_eq(options.checkpoint, CHECKPOINT_AUTO);
	expect_refused("backup a --checkpoint hard", "hard", "");
}

Test(options, of_a_repository)
{
	cr_assert_eq(read_line("prune -r /b app.db --keep-last 3 --keep-hourly "
			       "24 --keep-daily=7 --keep-within 2w --dry-run"),
	    0, "%s", err.text);
	cr_expect_str_eq(options.repository, "/b");
	cr_expect_eq(options.keep_last, 3);
	cr_expect_eq(options.keep_hourly, 24);
	cr_expect_eq(options.keep_daily, 7);
	cr_expect_eq(options.keep_weekly, 0);
	cr_expect_float_eq(options.keep_within, 1209600, 1e-9);
	cr_expect_float_eq(options.grace, 86400, 1e-9);
	cr_expect(options.dry_run);
	cr_assert_eq(read_line("backup -r/b a --full --full-every 7d "
			       "--skip-unchanged --state s"),
	    0, "%s", err.text);
	cr_expect(options.full && options.skip_unchanged);
	cr_expect_float_eq(options.full_every, 604800, 1e-9);
	cr_expect_str_eq(options.state, "s");
	expect_refused("prune --keep-daily 0", "from 1 to 1000000", "");
	expect_refused("prune --keep-last -1", "from 1 to 1000000", "");
	expect_refused("list --keep-last 1", "has no option '--keep-last'", "");
}

Test(options, what_to_work_on_is_never_in_the_environment)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		static const char *const chosen[] = { "output", "set", "to",
			"at", "snapshot", "database", "keep-last", "force",
			"replace", "dry-run" };
		for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
			cr_expect(strcmp(o->name, chosen[i]) != 0 ||
				      o->environment == NULL,
			    "--%s", o->name);
	}
}

Test(options, the_last_one_wins)
{
	cr_assert_eq(read_line("backup a --level 5 --level 7"), 0);
	cr_expect_eq(options.level, 7);
}

Test(options, refusals_say_why)
{
	expect_refused("bakcup", "unknown command 'bakcup'", "'backup'");
	expect_refused("backup --levle 3", "unknown option '--levle'",
	    "did you mean '--level'?");
	expect_refused("backup --xyzzy", "unknown option '--xyzzy'", "");
	expect_refused("backup -x", "unknown option '-x'", "");
	expect_refused(
	    "show --to x f", "'litesafe show' has no option '--to'", "");
	expect_refused("-o x backup", "'-o' stands before the command",
	    "litesafe COMMAND -o");
	expect_refused("backup a -o", "-o needs a value: FILE", "");
	expect_refused("backup a --verify", "needs a value: none|stored", "");
	expect_refused(
	    "backup a --output=", "--output: the value is empty", "");
	expect_refused("backup a --force=yes", "--force takes no value", "");
	expect_refused("backup a --=x", "unknown option '--'", "");
	expect_refused(
	    "backup a --level 0", "'0' is not a whole number from 1 to 19", "");
	expect_refused("backup a --level 20", "from 1 to 19", "");
	expect_refused("backup a --level 3x", "from 1 to 19", "");
	expect_refused("backup a --level -3", "from 1 to 19", "");
	expect_refused(
	    "backup a --threads 99999999999999999999", "from 1 to 64", "");
	expect_refused(
	    "backup a --verify store", "not one of none|stored|restore", "");
	expect_refused("backup a --verify none|stored", "not one of", "");
	expect_refused(
	    "backup a --busy-timeout 22d", "of at most 21d", "250ms");
	expect_refused(
	    "backup a --checkpoint-budget 2h", "of at most 1h", "250ms");
	expect_refused("backup a --max-pin soon", "is not a duration", "");
	expect_refused(
	    "backup a --max-wal-growth 1Q", "'1Q' is not a size", "64M");
}

Test(options, a_usage_error_can_be_told_as_json_wherever_it_stands)
{
	expect_refused("backup --bogus a -o - --json", "'--bogus'", "");
	cr_expect(options.json);
	cr_expect_str_eq(options.output, "-");
	expect_refused("backup --bogus --level 99 --json", "'--bogus'", "");
	cr_expect(options.json);
}

Test(options, no_command_is_no_command)
{
	cr_expect_eq(read_line(""), 0);
	cr_expect(command == NULL);
	cr_expect_eq(read_line("--version"), 0);
	cr_expect(command == NULL && options.version);
}

Test(options, the_command_line_wins_over_the_environment)
{
	(void)setenv("LITESAFE_LEVEL", "9", 1);
	(void)setenv("LITESAFE_VERIFY", "restore", 1);
	(void)setenv("LITESAFE_JSON", "yes", 1);
	cr_assert_eq(read_line("backup a --level 5"), 0, "%s", err.text);
	cr_expect_eq(options.level, 5);
	cr_expect_eq(options.prove, PROVE_RESTORE);
	cr_expect(options.json);
	cr_expect(options_given(&options, "level"));
	cr_expect(!options_given(&options, "verify"));
}

Test(options, a_variable_of_another_command_is_not_looked_at)
{
	(void)setenv("LITESAFE_LEVEL", "nonsense", 1);
	cr_expect_eq(read_line("verify a"), 0, "%s", err.text);
	expect_refused("backup a", "LITESAFE_LEVEL: 'nonsense' is not", "");
	(void)setenv("LITESAFE_LEVEL", "", 1);
	cr_expect_eq(read_line("backup a"), 0, "%s", err.text);
	cr_expect_eq(options.level, 3);
}

Test(options, flags_in_the_environment)
{
	(void)setenv("LITESAFE_QUIET", "0", 1);
	cr_assert_eq(read_line("backup a"), 0);
	cr_expect(!options.quiet);
	expect_refused("backup a --json --bogus", "--bogus", "");
	(void)setenv("LITESAFE_QUIET", "perhaps", 1);
	expect_refused("backup a", "LITESAFE_QUIET: 'perhaps' is neither", "");
}

Test(options, the_environment_counts_for_usage_errors_too)
{
	(void)setenv("LITESAFE_JSON", "1", 1);
	expect_refused("backup --bogus", "'--bogus'", "");
	cr_expect(options.json);
}
