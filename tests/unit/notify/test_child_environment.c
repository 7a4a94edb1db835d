/* What a child is told, and what it is not. */
#include "notify/child_environment.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

Test(child_environment, a_secret_is_known_by_its_name)
{
	static const char *const secret[] = { "LITESAFE_KEY=x",
		"LITESAFE_S3_SECRET=x", "LITESAFE_PASSWORD_FILE=x",
		"LITESAFE_PING_URL=x", "LITESAFE_TOKEN=", "LITESAFE_PASS=x",
		"LITESAFE_A_CREDENTIALS=x", "LITESAFE_PASSPHRASE=x" };
	static const char *const open[] = { "LITESAFE_KEEP_DAILY=7",
		"LITESAFE_REPOSITORY=/KEY_/PASS", "LITESAFE_PIN=1", "PATH=/bin",
		"PGPASSWORD=x", "AWS_SECRET_ACCESS_KEY=x", "LITESAFE_KEYS2=x",
		"LITESAFE_=KEY", "" };

	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		cr_expect(
		    child_environment_is_secret(secret[i]), "%s", secret[i]);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		cr_expect(!child_environment_is_secret(open[i]), "%s", open[i]);
}

/* The value of `name`, and how often it is there. */
static const char *
find(char *const *environment, const char *name, unsigned *ret_times)
{
	const char *value = NULL;
	size_t len = strlen(name);

	*ret_times = 0;
	for (; *environment != NULL; environment++) {
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=') {
			value = *environment + len + 1;
			++*ret_times;
		}
	}
	return value;
}

Test(child_environment, variables_win)
{
	const struct hook_variable variables[] = {
		{ "LITESAFE_JOB", "new" },
		{ "LITESAFE_ERROR", "a=b\nc" },
	};
	AUTO(free) char **environment = NULL;
	struct err err;
	unsigned times;

	cr_assert_eq(setenv("LITESAFE_JOB", "old", 1), 0);
	cr_assert_eq(setenv("LITESAFE_KEY", "secret", 1), 0);
	cr_assert_eq(setenv("LITESAFE_JOBS", "other", 1), 0);
	cr_assert_eq(child_environment(variables, 2, &environment, &err), 0);
	cr_expect_str_eq(find(environment, "LITESAFE_JOB", &times), "new");
	cr_expect_eq(times, 1);
	cr_expect_str_eq(find(environment, "LITESAFE_ERROR", &times), "a=b\nc");
	cr_expect_str_eq(find(environment, "LITESAFE_JOBS", &times), "other");
	cr_expect_null(find(environment, "LITESAFE_KEY", &times));
	cr_expect_str_eq(find(environment, "PATH", &times), getenv("PATH"));
}

Test(child_environment, an_empty_one)
{
	AUTO(free) char **environment = NULL;
	struct err err;

	cr_assert_eq(clearenv(), 0);
	/* glibc leaves no list at all. */
	cr_assert_eq(setenv("A", "b", 1), 0);
	cr_assert_eq(unsetenv("A"), 0);
	cr_assert_eq(child_environment(NULL, 0, &environment, &err), 0);
	cr_expect_null(environment[0]);
}
