/* Names that pass are harmless everywhere; the others are told why. */
#include "archive/name.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"

static void
refused(const char *name, const char *reason)
{
	struct err err = { 0 };

	cr_assert_eq(name_check(name, &err), -1, "'%s' passed", name);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.text, reason) != NULL, "%s", err.text);
	cr_expect(text_is_printable(err.text), "the message is not printable");
}

static void
passes(const char *name)
{
	struct err err = { 0 };

	cr_expect_eq(name_check(name, &err), 0, "%s", err.text);
}

Test(name, ordinary_names_pass)
{
	passes("app.db");
	passes("a");
	passes("p\xc3\xa4ge db.sqlite");
	passes("\xf0\x9f\x92\xbe.db");
	passes("...");
	passes("-rf");
	passes(".hidden");
	passes("litesafe.json.db");
}

Test(name, the_rule_that_is_broken_is_named)
{
	refused("", "empty");
	refused(".", "folder");
	refused("..", "folder");
	refused("a/b", "'/'");
	refused("/", "'/'");
	refused("a\\b", "'\\'");
	refused("litesafe.json", "reserved");
	refused(".litesafe", "reserved");
	refused(".litesafe-x", "reserved");
	refused("a\nb", "control");
	refused("\x1b[2J", "control");
	refused("a\x7f", "control");
	refused("a\xc2\x9b"
		"b",
	    "control");
}

Test(name, the_limit_is_200_bytes)
{
	char name[MEMBER_NAME_MAX + 2];

	memset(name, 'a', sizeof(name));
	name[MEMBER_NAME_MAX + 1] = '\0';
	refused(name, "longer than 200");
	name[MEMBER_NAME_MAX] = '\0';
	passes(name);
}

Test(name, only_well_formed_utf8_is_text)
{
	static const char *const bad[] = {
		"\x80", /* continuation alone */
		"\xc3", /* cut short by the end */
		"\xe2\x82", /* cut short */
		"\xf0\x9f\x92", /* cut short */
		"\xc3(", /* cut short by a character */
		"\xc0\xaf", /* overlong '/' */
		"\xe0\x80\xaf", /* overlong */
		"\xf0\x80\x80\xaf", /* overlong */
		"\xed\xa0\x80", /* surrogate */
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xf8\x88\x80\x80\x80", /* five bytes */
		"\xff",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], "UTF-8");
	passes("\xed\x9f\xbf");
	passes("\xee\x80\x80");
	passes("\xf4\x8f\xbf\xbf");
}

Test(name, a_set_is_names_between_slashes)
{
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b",
		"a/../b", "a/litesafe.json" };
	struct err err = { 0 };

	cr_expect_eq(name_check_set("app.db", &err), 0);
	cr_expect_eq(name_check_set("x/y/app.db", &err), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(name_check_set(bad[i], &err), -1, "%s", bad[i]);
		cr_expect_eq(err.kind, ERR_REFUSED);
	}

	char longer[MEMBER_NAME_MAX + 2];
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	longer[100] = '/';
	cr_expect_eq(name_check_set(longer, &err), -1);
}

Test(name, two_databases_of_one_archive_keep_apart)
{
	static const char *const bad[][2] = { { "a.db", "a.db" },
		{ "a.db", "a.db.pages" }, { "a.db.pages.2", "a.db" },
		{ "a.db", "a.db-wal" }, { "a.db-journal", "a.db" },
		{ "a.db", "a.db-shm" }, { "\xc3\xa4.db", "\xc3\xb6.db" },
		{ "\xc3\xa4.db", "__.db" }, { "\xc3\xa4", "__.pages" } };
	static const char *const good[][2] = { { "a.db", "b.db" },
		{ "a.db", "A.db" }, { "a.db", "a.db2" },
		{ "a.db", "a.db.pagesx" }, { "a.db", "a.db-wal2" },
		{ "\xc3\xa4.db", "_.db" } };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(name_check_apart(bad[i][0], bad[i][1], &err), -1,
		    "%s %s", bad[i][0], bad[i][1]);
		cr_expect_eq(err.kind, ERR_REFUSED);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect_eq(name_check_apart(good[i][0], good[i][1], &err), 0,
		    "%s %s", good[i][0], good[i][1]);
}
