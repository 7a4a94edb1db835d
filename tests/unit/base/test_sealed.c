/* Of a sealed line every byte counts. */
#include "base/sealed.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char line[] = "{\"a\":1}";

static char *
sealed(size_t *ret_len)
{
	struct err err = { 0 };
	char *text = NULL;

	cr_assert_eq(
	    sealed_encode(line, strlen(line), &text, ret_len, &err), 0);
	return text;
}

/* printf '{"a":1}' | sha256sum */
Test(sealed, has_the_form_that_is_written_down)
{
	size_t len = 0;
	char *text = sealed(&len);

	cr_expect_str_eq(text,
	    "{\"a\":1}\n{\"sha256\":\"015abd7f5cc57a2dd94b7590f04ad808"
	    "4273905ee33ec5cebeae62276a97f862\"}\n");
	cr_expect_eq(len, strlen(text));
	free(text);
}

Test(sealed, comes_back_and_no_byte_can_change)
{
	struct err err = { 0 };
	size_t len = 0, back = 0;
	char *text = sealed(&len);

	cr_assert_eq(sealed_decode(text, len, &back, &err), 0, "%s", err.text);
	cr_expect_eq(back, strlen(line));
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ 1 << bit);
			cr_expect_eq(sealed_decode(text, len, &back, &err), -1);
			cr_expect_eq(err.kind, ERR_DAMAGED);
			text[i] = (char)(text[i] ^ 1 << bit);
		}
	}
	for (size_t cut = 0; cut < len; cut++)
		cr_expect_eq(sealed_decode(text, cut, &back, &err), -1);
	/* The NUL behind it is one byte too many. */
	cr_expect_eq(sealed_decode(text, len + 1, &back, &err), -1);
	free(text);
}
