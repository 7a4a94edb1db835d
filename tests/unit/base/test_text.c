/* Bytes that nobody vouches for, shown so that they can do no harm. */
#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

static void
shown_as(const char *bytes, size_t size, const char *expected)
{
	char text[64];

	memset(text, '#', sizeof(text));
	text_printable(bytes, text, size);
	cr_expect_str_eq(text, expected);
	cr_expect_eq(text[size], '#', "wrote beyond its end");
}

Test(text, what_cannot_be_shown_is_replaced)
{
	shown_as("app.db", 60, "app.db");
	shown_as("a\x1b[b", 60, "a\xef\xbf\xbd[b");
	shown_as("\xc3", 60, "\xef\xbf\xbd");
	shown_as("\xff\xfe", 60, "\xef\xbf\xbd\xef\xbf\xbd");
	shown_as("a\xc2\x85z", 60, "a\xef\xbf\xbdz");
}

Test(text, what_does_not_fit_is_cut_at_a_character)
{
	shown_as("abc", 4, "abc");
	shown_as("abc", 3, "ab");
	shown_as("abc", 1, "");
	shown_as("a\xc3\xa4", 3, "a");
	shown_as("a\xc3\xa4", 4, "a\xc3\xa4");
	shown_as("\xff", 3, "");
}

Test(text, only_well_formed_characters_are_characters)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint32_t code;
	} cases[] = {
		{ "a", 1, 'a' }, { "\xc3\xa4", 2, 0xe4 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x92\xbe", 4, 0x1f4be },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xc0\xaf", 0, 0 }, /* overlong '/' */
		{ "\xe0\x80\xaf", 0, 0 }, /* overlong '/' */
		{ "\xed\xa0\x80", 0, 0 }, /* a surrogate */
		{ "\xf4\x90\x80\x80", 0, 0 }, /* above U+10FFFF */
		{ "\xf8\x88\x80\x80", 0, 0 }, { "\x80", 0, 0 },
		{ "\xe2\x82", 0, 0 }, /* cut */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t code = 0;

		cr_expect_eq(text_character(cases[i].bytes, &code),
		    cases[i].len, "case %zu", i);
		cr_expect_eq(code, cases[i].code, "case %zu", i);
	}
}

Test(text, direction_and_line_controls_are_not_printable)
{
	cr_expect(text_is_printable("p\xc3\xa4ge \xf0\x9f\x92\xbe.db"));
	cr_expect(!text_is_printable("a\nb"));
	cr_expect(!text_is_printable("a\x7f"));
	cr_expect(!text_is_printable("a\xe2\x80\xae"
				     "gpj.db")); /* U+202E */
	cr_expect(!text_is_printable("a\xe2\x80\xa8"
				     "b")); /* U+2028 */
	cr_expect(!text_is_printable("\xff"));
}
