/* It comes out whole or not at all, and no name is an option. */
#include "command/shell_line.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/auto.h"

static struct shell_line line;

Test(shell_line, commands_that_depend_on_each_other)
{
	shell_line_begin(&line);
	shell_line_then(&line, "test -f");
	shell_line_word(&line, "a b");
	shell_line_then(&line, "mv --");
	shell_line_word(&line, "a b");
	shell_line_word(&line, "it's");
	AUTO(free) char *text = shell_line_end(&line);
	cr_assert_str_eq(text, "test -f 'a b' && mv -- 'a b' 'it'\\''s'");
}

Test(shell_line, a_name_that_looks_like_an_option)
{
	shell_line_begin(&line);
	shell_line_put(&line, "litesafe verify");
	shell_line_last(&line, "-x.db");
	AUTO(free) char *text = shell_line_end(&line);
	cr_assert_str_eq(text, "litesafe verify -- -x.db");

	shell_line_begin(&line);
	shell_line_put(&line, "litesafe verify");
	shell_line_last(&line, "x.db");
	AUTO(free) char *other = shell_line_end(&line);
	cr_assert_str_eq(other, "litesafe verify x.db");
}

Test(shell_line, nothing_is_no_line)
{
	shell_line_begin(&line);
	cr_expect_null(shell_line_end(&line));
}

Test(shell_line, one_that_lacks_a_word_is_no_line)
{
	shell_line_begin(&line);
	shell_line_put(&line, "rm -f --");
	line.lost = true;
	cr_expect_null(shell_line_end(&line));
}
