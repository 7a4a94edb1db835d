/* What [global] gives to a command, and when it gives nothing. */
#include "command/options_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/command.h"
#include "tests/unit/command/configured.h"
#include "tests/unit/shared/folder.h"

static struct err err;
static struct options options;
static struct config config;

/* Reads "litesafe WORDS -c FOLDER/a.conf". */
static int
read_line(const char *words)
{
	const struct command *command;

	config_done(&config);
	configured_line(words, &command, &options);
	return options_file_read(command, &options, &config, &err);
}

static void
end(void)
{
	config_done(&config);
	folder_remove();
}

TestSuite(options_file, .init = configured_begin, .fini = end);

Test(options_file, the_line_the_environment_the_file_the_default)
{
	configured_write("[global]\nlevel = 5\n");
	(void)setenv("LITESAFE_LEVEL", "7", 1);
	cr_assert_eq(read_line("backup --level 9"), 0, "%s", err.text);
	cr_expect_eq(options.level, 9);
	cr_assert_eq(read_line("backup"), 0, "%s", err.text);
	cr_expect_eq(options.level, 7);
	(void)unsetenv("LITESAFE_LEVEL");
	cr_assert_eq(read_line("backup"), 0, "%s", err.text);
	cr_expect_eq(options.level, 5);
	cr_assert_eq(read_line("backup --no-config"), 0, "%s", err.text);
	cr_expect_eq(options.level, 3);
}

Test(options_file, only_what_is_an_option_of_the_command)
{
	configured_write("[global]\nlevel = 5\ngrace = 1d\n"
			 "ping-url = https://h/x\nbefore = /bin/true\n");
	cr_assert_eq(read_line("prune"), 0, "%s", err.text);
	cr_expect_float_eq(options.grace, 86400, 1e-9);
	cr_expect_eq(options.level, 3);
	cr_expect_null(options.ping_url);
	cr_expect_eq(options.before.count, 0);
	cr_assert_eq(read_line("verify"), 0, "%s", err.text);
	/* Its --level is another one, and no key. */
	cr_expect_eq(options.verify_level, 1);
}

Test(options_file, a_repository_by_its_name)
{
	configured_write("[global]\nrepository = main\n"
			 "[repository main]\nurl = file:///srv/r\n");
	cr_assert_eq(read_line("list"), 0, "%s", err.text);
	cr_expect_str_eq(options.repository, "/srv/r");
	cr_expect_not(options_given(&options, "repository"));
	(void)setenv("LITESAFE_REPOSITORY", "/environment", 1);
	cr_assert_eq(read_line("list"), 0, "%s", err.text);
	cr_expect_str_eq(options.repository, "/environment");
}

Test(options_file, one_that_was_named_must_be_there_and_right)
{
	cr_expect_eq(read_line("list"), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	configured_write("[global]\nlevle = 5\n");
	cr_expect_eq(read_line("list"), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.text, "a.conf:2: ") != NULL, "%s", err.text);
	configured_write("[global]\nrepository = r\n");
	cr_expect_eq(read_line("list"), -1);
	cr_expect(strstr(err.text, "a.conf:2: ") != NULL, "%s", err.text);
	/* Of help and version it can stop nothing. */
	cr_expect_eq(read_line("help"), 0);
	cr_expect_eq(read_line("version"), 0);
	cr_expect_eq(read_line("list --help"), 0);
}

Test(options_file, one_that_may_not_be_read)
{
	configured_write("[global]\nlevel = 5\n");
	(void)chmod(folder_path("a.conf"), 0);
	if (geteuid() == 0)
		cr_assert_eq(seteuid(65534), 0);
	/* Named: an error. */
	cr_expect_eq(read_line("list"), -1);
	if (getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
	/* Or a leak sanitizer cannot look at it. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}
