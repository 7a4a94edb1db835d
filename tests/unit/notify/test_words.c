/* Lines, and the words that they are; and lines that are none. */
#include "notify/words.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/auto.h"

/* The words with '|' between them, or what is wrong. */
static const char *
split(const char *line)
{
	static char text[2048];
	struct err err = { .kind = ERR_NONE };
	AUTO(words) struct words words = { .text = NULL };

	text[0] = '\0';
	if (words_split(line, &words, &err) < 0) {
		cr_expect_eq(err.kind, ERR_USAGE);
		cr_expect(err.hint[0] != '\0');
		return strcpy(text, err.text);
	}
	cr_expect(words.list[words.count] == NULL);
	for (size_t i = 0; i < words.count; i++) {
		(void)strcat(text, i == 0 ? "" : "|");
		(void)strcat(text, words.list[i]);
	}
	return text;
}

Test(words, blanks)
{
	cr_expect_str_eq(split("a"), "a");
	cr_expect_str_eq(split("  a\t b\r\n c  "), "a|b|c");
}

Test(words, quotes)
{
	cr_expect_str_eq(split("a \"b  c\" 'd \"e'"), "a|b  c|d \"e");
	cr_expect_str_eq(split("a --x=\"b c\"d"), "a|--x=b cd");
	cr_expect_str_eq(split("a '' \"\""), "a||");
	cr_expect_str_eq(split("\"/a program\" b"), "/a program|b");
}

Test(words, backslash)
{
	cr_expect_str_eq(split("a\\ b c\\\\d \\\"e"), "a b|c\\d|\"e");
	cr_expect_str_eq(split("a \"b\\\"c\" 'd\\'e'"), "a|b\"c|d'e");
}

Test(words, nothing_is_replaced)
{
	cr_expect_str_eq(split("a $HOME ~ * ; b | c > d `e` %i #f"),
	    "a|$HOME|~|*|;|b|||c|>|d|`e`|%i|#f");
}

static void
expect_refused(const char *line, const char *why)
{
	const char *text = split(line);

	cr_expect(strstr(text, why) != NULL, "%s: %s", line, text);
}

Test(words, what_is_no_line)
{
	expect_refused("", "no program");
	expect_refused(" \t ", "no program");
	expect_refused("'' a", "no program");
	expect_refused("a \"b c", "quote \" at byte 3 is not closed");
	expect_refused("a 'b\" c", "quote ' at byte 3 is not closed");
	expect_refused("a \\", "backslash");
	expect_refused("a \"b\\\"", "is not closed");
}

Test(words, only_so_many)
{
	char line[2 * WORDS_MAX + 3] = "";

	for (int i = 0; i < WORDS_MAX; i++)
		(void)strcat(line, "a ");
	cr_expect_eq(split(line)[0], 'a');
	(void)strcat(line, "a");
	expect_refused(line, "more than 256 words");
}
