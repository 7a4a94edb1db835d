/* What was verified, in every order in which it can be remembered. */
#include "command/checks.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* As checks_read() leaves them: by snapshot, the newest first. */
static struct state_check list[] = {
	{ "1111111111111111", "", STATE_RESTORE, STATE_OK, 2000, 2 },
	{ "1111111111111111", "", STATE_STORED, STATE_DAMAGED, 1000, 1 },
	{ "2222222222222222", "", STATE_STORED, STATE_DAMAGED, 2000, 2 },
	{ "2222222222222222", "", STATE_RESTORE, STATE_OK, 1000, 1 },
	{ "3333333333333333", "", STATE_STORED, STATE_OK, 2000, 2 },
	{ "3333333333333333", "", STATE_RESTORE, STATE_OK, 1000, 1 },
	{ "4444444444444444", "", STATE_RESTORE, STATE_UNVERIFIABLE, 1000, 1 },
};
static const struct checks checks = { list, sizeof(list) / sizeof(list[0]) };

Test(checks, the_newest_of_a_snapshot)
{
	cr_expect_eq(checks_newest(&checks, "1111111111111111"), &list[0]);
	cr_expect_eq(checks_newest(&checks, "3333333333333333"), &list[4]);
	cr_expect_eq(checks_newest(&checks, "4444444444444444"), &list[6]);
	cr_expect_null(checks_newest(&checks, "0000000000000000"));
	cr_expect_null(checks_newest(&checks, "2222222222222223"));
	cr_expect_null(checks_newest(&checks, "5555555555555555"));
}

Test(checks, what_it_last_passed)
{
	static const struct checks none = { .count = 0 };

	cr_expect_str_eq(checks_passed(&checks, "1111111111111111"), "restore");
	cr_expect_str_eq(checks_passed(&checks, "2222222222222222"), "none");
	cr_expect_str_eq(checks_passed(&checks, "3333333333333333"), "restore");
	cr_expect_str_eq(checks_passed(&checks, "4444444444444444"), "stored");
	cr_expect_str_eq(checks_passed(&checks, "5555555555555555"), "none");
	cr_expect_str_eq(checks_passed(&none, "1111111111111111"), "none");
}

Test(checks, in_words)
{
	char text[CHECKS_TEXT_BYTES];

	checks_words(&list[0], text);
	cr_expect_str_eq(text, "restore ok 1970-01-01T00:00:02Z");
	checks_words(&list[2], text);
	cr_expect_str_eq(text, "stored damaged 1970-01-01T00:00:02Z");
	checks_words(&list[6], text);
	cr_expect_str_eq(
	    text, "restore cannot be checked 1970-01-01T00:00:01Z");
	checks_words(NULL, text);
	cr_expect_str_eq(text, "never verified");
}

Test(checks, as_json)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct json json;

	cr_assert(out != NULL);
	json_begin(&json, out);
	checks_json(&json, &checks, "2222222222222222");
	json_end(&json);
	json_begin(&json, out);
	checks_json(&json, &checks, "5555555555555555");
	json_end(&json);
	cr_assert_eq(fclose(out), 0);
	cr_expect_str_eq(text,
	    "{\"checks\":[{\"level\":\"stored\",\"result\":\"damaged\","
	    "\"time\":\"1970-01-01T00:00:02.000Z\"},{\"level\":\"restore\","
	    "\"result\":\"ok\",\"time\":\"1970-01-01T00:00:01.000Z\"}]}\n"
	    "{\"checks\":[]}\n");
	free(text);
}
