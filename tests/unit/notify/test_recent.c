/* The last bytes, whatever the sizes of the pieces. */
#include "notify/recent.h"

#include <criterion/criterion.h>
#include <string.h>

static char memory[8], text[16];

static const char *
all_of(const struct recent *recent, size_t most)
{
	text[recent_copy(recent, text, most)] = '\0';
	return text;
}

Test(recent, keeps_the_last_bytes)
{
	struct recent recent = { .bytes = memory, .size = sizeof(memory) };

	cr_expect_str_eq(all_of(&recent, 8), "");
	recent_add(&recent, "abc", 3);
	cr_expect_str_eq(all_of(&recent, 8), "abc");
	recent_add(&recent, "defgh", 5);
	cr_expect_str_eq(all_of(&recent, 8), "abcdefgh");
	cr_expect_not(recent.cut);
	recent_add(&recent, "ij", 2);
	cr_expect_str_eq(all_of(&recent, 8), "cdefghij");
	cr_expect(recent.cut);
	recent_add(&recent, "", 0);
	cr_expect_str_eq(all_of(&recent, 3), "hij");
}

Test(recent, a_piece_larger_than_all)
{
	struct recent recent = { .bytes = memory, .size = sizeof(memory) };

	recent_add(&recent, "xy", 2);
	recent_add(&recent, "0123456789", 10);
	cr_expect_str_eq(all_of(&recent, 8), "23456789");
	cr_expect(recent.cut);
}

/* Against the plain way: a long text, of which the end is taken. */
Test(recent, any_pieces)
{
	for (size_t piece = 1; piece <= 9; piece++) {
		struct recent recent = { .bytes = memory,
			.size = sizeof(memory) };
		char whole[256] = "";

		for (size_t i = 0; i < 20; i++) {
			char bytes[10];

			memset(bytes, (int)('a' + i), piece);
			recent_add(&recent, bytes, piece);
			strncat(whole, bytes, piece);
			size_t len = strlen(whole);
			const char *end = whole + (len > 8 ? len - 8 : 0);
			cr_assert_str_eq(all_of(&recent, 8), end);
			cr_assert_eq(recent.cut, len > 8);
		}
	}
}
