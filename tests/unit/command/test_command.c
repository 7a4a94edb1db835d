/* Whatever is typed, there is one exit code, one error, one summary. */
#include "command/command.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "run.h"

static struct run run;

static void
expect(const char *line, int code, const char *out, const char *errors)
{
	run_line(line, &run);
	cr_expect_eq(run.code, code, "%s: %d", line, run.code);
	cr_expect(strstr(run.out, out) != NULL, "%s: %s", line, run.out);
	cr_expect(
	    strstr(run.errors, errors) != NULL, "%s: %s", line, run.errors);
}

/* The summary: the last line, and the only one of its type. */
static json_t *
summary(void)
{
	char *last = run.out, *next;

	while ((next = strchr(last, '\n')) != NULL && next[1] != '\0') {
		cr_expect(strncmp(last, "{\"type\":\"summary\"", 17) != 0);
		last = next + 1;
	}
	json_t *root = json_loads(last, 0, NULL);
	cr_assert(root != NULL, "%s", run.out);
	cr_expect_str_eq(
	    json_string_value(json_object_get(root, "type")), "summary");
	return root;
}

Test(command, nothing_is_a_usage_error_on_standard_error)
{
	expect("", 2, "", "usage: litesafe COMMAND");
	cr_expect_str_empty(run.out);
	cr_expect(strstr(run.errors, "no command was given") != NULL);
}

Test(command, help_is_a_success_on_standard_output)
{
	static const char *const lines[] = { "--help", "-h", "help" };

	for (size_t i = 0; i < 3; i++) {
		expect(lines[i], 0, "usage: litesafe COMMAND", "");
		cr_expect_str_empty(run.errors);
	}
	expect("help backup", 0, "usage: litesafe backup", "");
	expect("backup --help", 0, "usage: litesafe backup", "");
	expect("help bakcup", 2, "", "did you mean 'backup'?");
	expect("help a b", 2, "", "'b' is one too many");
}

Test(command, version)
{
	expect("--version", 0, "litesafe " LITESAFE_VERSION "\nSQLite 3.", "");
	expect("version", 0, "litesafe " LITESAFE_VERSION "\n", "");
	expect("version x", 2, "", "'x' is one too many");
	expect("version --json", 0, "{\"type\":\"version\"", "");
	json_decref(summary());
}

Test(command, operands_are_counted)
{
	expect("backup", 2, "",
	    "usage: litesafe backup (DATABASE | FOLDER)... (-r PATH | -o FILE)");
	expect("backup a b -o x", 2, "", "name it with --set NAME");
	expect("verify", 2, "",
	    "usage: litesafe verify (FILE... | -r PATH [SET])");
	expect("restore --to x", 2, "", "usage: litesafe restore");
	expect("restore a b --to x", 2, "", "'b' is one too many");
	expect("restore a", 2, "", "no target was named (--to)");
	expect("restore a --to -", 2, "", "cannot go to standard output");
	expect("show", 2, "",
	    "usage: litesafe show (FILE | -r PATH [SET] SNAPSHOT)");
}

/* Before anything is looked for. */
Test(command, a_repository_must_be_named)
{
	static const char *const lines[] = { "init", "list", "list app.db",
		"pin latest", "unpin app.db latest", "prune --keep-last 3" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect(lines[i], 2, "", "no repository was named (-r)");
		cr_expect(strstr(run.errors, "hint: ") != NULL);
	}
	expect("prune -r /nonexistent/r", 2, "", "about what to keep");
	expect("prune -r R app.db b.db --keep-last 1", 2, "",
	    "'b.db' is one too many");
	expect("list -r R app.db b.db", 2, "", "'b.db' is one too many");
	expect("init -r R more", 2, "", "'more' is one too many");
	expect("pin -r R", 2, "", "usage: litesafe pin");
	expect("show -r R", 2, "", "usage: litesafe show");
	expect("show -r R a b c", 2, "", "'c' is one too many");
	cr_expect_str_empty(run.out);
}

Test(command, a_repository_that_is_not_there_is_5)
{
	static const char *const lines[] = { "list -r /nonexistent/r",
		"show -r /nonexistent/r latest", "pin -r /nonexistent/r latest",
		"prune -r /nonexistent/r --keep-last 3" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect(lines[i], 5, "", "/nonexistent/r");
		cr_expect(strstr(run.errors, "litesafe init") != NULL, "%s",
		    run.errors);
	}
}

Test(command, backup_needs_an_output_that_can_be_proven)
{
	expect(
	    "backup a", 2, "", "neither an output (-o) nor a repository (-r)");
	expect("backup a -o - --verify stored", 2, "",
	    "--verify stored is not possible with '-o -'");
	expect("backup a -o - --verify restore", 2, "", "litesafe verify");
	expect("backup a -o x --set ../y", 2, "", "'../y'");
}

Test(command, nothing_but_the_archive_goes_to_a_piped_standard_output)
{
	expect("backup /nonexistent/a.db -o -", 11, "", "/nonexistent/a.db");
	cr_expect_str_empty(run.out);
	expect("backup /nonexistent/a.db -o - --json", 11, "",
	    "{\"type\":\"summary\",\"command\":\"backup\",\"ok\":false");
	cr_expect_str_empty(run.out);
	expect("backup --bogus --json -o - a", 2, "", "\"exit_code\":2");
	cr_expect_str_empty(run.out);
}

Test(command, a_missing_archive_is_a_failure)
{
	expect("show /nonexistent/a", 1, "",
	    "open archive '/nonexistent/a': No such file or directory\n");
	expect("verify /nonexistent/a", 1, "", "/nonexistent/a");
	expect("restore /nonexistent/a --to x", 1, "", "/nonexistent/a");
	expect("show /tmp", 1, "", "'/tmp' is a folder");
	expect("show /dev/null", 2, "", "'/dev/null' is not a regular file");
}

Test(command, errors_are_told_once)
{
	expect("verify /nonexistent/a", 1, "", "/nonexistent/a");
	char *first = strstr(run.errors, "litesafe: error:");
	cr_assert(first != NULL);
	cr_expect(strstr(first + 1, "litesafe: error:") == NULL);
}

Test(command, verify_goes_on_after_a_file_that_is_missing)
{
	expect(
	    "verify /nonexistent/a /nonexistent/b -q", 1, "", "/nonexistent/b");
	cr_expect(strstr(run.errors, "/nonexistent/a") != NULL);
	expect("verify --json /nonexistent/a /nonexistent/b", 1,
	    "\"archive\":\"/nonexistent/b\",\"result\":null", "");
	json_decref(summary());
}

Test(command, the_summary_tells_the_error)
{
	expect("show --json /nonexistent/a", 1, "", "litesafe: error:");
	json_t *root = summary();
	cr_expect_str_eq(
	    json_string_value(json_object_get(root, "command")), "show");
	cr_expect(json_is_false(json_object_get(root, "ok")));
	cr_expect_eq(json_integer_value(json_object_get(root, "exit_code")), 1);
	cr_expect(strstr(json_string_value(json_object_get(root, "error")),
		      "/nonexistent/a") != NULL);
	json_decref(root);
	expect("--json", 2, "", "no command");
	root = summary();
	cr_expect(json_is_null(json_object_get(root, "command")));
	cr_expect_str_eq(json_string_value(json_object_get(root, "hint")),
	    "see 'litesafe --help'");
	json_decref(root);
}
