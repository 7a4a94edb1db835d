/* The variable never takes a command away from the files that it names. */
#include "command/where.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 16 };

static struct session session;

static void
read_line(const char *line)
{
	static char buffer[512];
	static char *argv[WORDS_MAX + 1];
	struct err err;
	int argc = 0;

	(void)snprintf(buffer, sizeof(buffer), "litesafe %s", line);
	for (char *word = strtok(buffer, " "); word != NULL;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	session = (struct session){ .started = 0 };
	cr_assert_eq(
	    options_read(argc, argv, &session.command, &session.options, &err),
	    0, "%s: %s", line, err.text);
}

static void
expect(const char *line, bool in_repository)
{
	read_line(line);
	cr_expect_eq(where_in_repository(&session), in_repository, "%s", line);
}

static void
clean(void)
{
	(void)unsetenv("LITESAFE_REPOSITORY");
	(void)unsetenv("LITESAFE_STATE");
}

TestSuite(where, .init = clean);

Test(where, nothing_is_named)
{
	expect("verify app.db", false);
	expect("backup app.db", false);
	expect("show a.tar.zst", false);
}

Test(where, an_option_always_means_the_repository)
{
	expect("verify -r R", true);
	expect("verify -r R a.tar.zst", true);
	expect("backup -r R app.db -o x", true);
	expect("restore - --to x --repository=R", true);
}

Test(where, the_variable_does_where_no_file_can_be_meant)
{
	(void)setenv("LITESAFE_REPOSITORY", "/backups", 1);
	expect("verify", true);
	expect("verify app.db", true);
	expect("verify a/b.tar.zst", false);
	expect("verify a.tar.zst.old", true);
	expect("show -", false);
	expect("show ./app.db", false);
	expect("show ../app.db", false);
	expect("show .app.db", true);
	expect("restore /srv/a --to x", false);
	expect("restore app.db --to /srv/app.db", true);
	expect("backup /srv/app.db", true);
	expect("backup ./app.tar.zst", true);
	expect("backup app.db -o x", false);
}

Test(where, no_repository_is_a_usage_error_that_says_how)
{
	struct repository repository;
	struct err err;

	read_line("list");
	cr_expect_eq(where_repository(&session, &repository, &err), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect_str_eq(err.text, "list: no repository was named (-r)");
	cr_expect(strstr(err.hint, "LITESAFE_REPOSITORY") != NULL);
}

Test(where, state_is_where_it_was_said)
{
	char base[PATH_MAX];
	struct err err;

	(void)setenv("LITESAFE_STATE", "/var/tmp/a", 1);
	read_line("list -r R");
	cr_expect_eq(where_state(&session, base, &err), 0);
	cr_expect_str_eq(base, "/var/tmp/a");
	read_line("list -r R --state s");
	cr_expect_eq(where_state(&session, base, &err), 0);
	cr_expect_str_eq(base, "s");
}

Test(where, a_state_folder_with_too_long_a_name_is_refused)
{
	static char name[PATH_MAX + 1];
	char base[PATH_MAX];
	struct err err;

	memset(name, 'x', sizeof(name) - 1);
	(void)setenv("LITESAFE_STATE", name, 1);
	read_line("list -r R");
	cr_expect_eq(where_state(&session, base, &err), -1);
	cr_expect(strstr(err.text, "xxx...' is too long a name") != NULL);
}
