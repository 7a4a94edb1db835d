/* A quoted path goes through a real shell and comes back byte for byte. */
#include "base/quote.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `shell` makes of the word. */
static void
expect_back(const char *shell, const char *path)
{
	char *quoted = quote_shell(path);
	char command[4096], back[512] = { 0 };

	cr_assert(quoted != NULL);
	char *inner = quote_shell(quoted);
	(void)snprintf(command, sizeof(command),
	    "w=%s; %s -c \"printf %%s $w\"", inner, shell);
	FILE *pipe = popen(command, "r");
	cr_assert(pipe != NULL);
	size_t got = fread(back, 1, sizeof(back) - 1, pipe);
	cr_expect_eq(pclose(pipe), 0);
	cr_expect_eq(got, strlen(path), "%s", quoted);
	cr_expect_str_eq(back, path);
	free(inner);
	free(quoted);
}

Test(quote, plain_paths_for_any_shell)
{
	static const char *const paths[] = { "app.db", "my app.db", "it's",
		"'''", "-rf", "$(touch x)`id`\"\\", "a;b&c|d>e<f*g?h[i]~#",
		"\u00e9t\u00e9.db" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		expect_back("sh", paths[i]);
}

Test(quote, bytes_that_no_terminal_shows)
{
	static const char *const paths[] = { "a\nb", "a\033[31m7", "\xff\xfe",
		"it's\t\\x", "\0011" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *quoted = quote_shell(paths[i]);
		for (const char *p = quoted; *p != '\0'; p++)
			cr_expect(*p >= 0x20 && *p < 0x7f);
		free(quoted);
		expect_back("bash", paths[i]);
	}
}

/* One that does not know $'...', too, as dash. */
Test(quote, no_shell_runs_what_is_in_a_name)
{
	char *quoted = quote_shell("\n'; echo ran; #");
	char command[100], line[100];

	(void)snprintf(command, sizeof(command), ": %s", quoted);
	FILE *out = popen(command, "r");
	cr_assert_not_null(out);
	cr_expect_null(fgets(line, sizeof(line), out), "%s", command);
	cr_expect_eq(pclose(out), 0);
	free(quoted);
}

Test(quote, a_word_is_bare_where_no_shell_minds)
{
	static const struct {
		const char *path, *word;
	} rows[] = {
		{ "/srv/app-1.2/app_db.db", "/srv/app-1.2/app_db.db" },
		{ "a@b:c,d+e%f", "a@b:c,d+e%f" },
		{ "my app.db", "'my app.db'" },
		{ "~/app.db", "'~/app.db'" },
		{ "a=b", "'a=b'" },
		{ "{a,b}", "'{a,b}'" },
		{ "", "''" },
		{ "a\nb", "$'a\\012b'" },
		{ "a\n'b\\", "$'a\\012\\047b\\\\'" },
		{ "-x.db", "./-x.db" },
		{ "-o $(x)", "./'-o $(x)'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(
		    quote_word(rows[i].path, "PATH").text, rows[i].word);
}

Test(quote, a_name_with_a_dash_is_an_operand)
{
	cr_expect_str_eq(quote_name("app.db", "SET").text, "app.db");
	cr_expect_str_eq(quote_name("-x y", "SET").text, "-- '-x y'");
}

/* With its quotes, too. */
Test(quote, half_a_path_is_no_word)
{
	char path[QUOTE_WORD_BYTES];

	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	cr_expect_str_eq(quote_word(path, "PATH").text, path);
	path[0] = ' ';
	cr_expect_str_eq(quote_word(path, "PATH").text, "PATH");
	path[sizeof(path) - 3] = '\0';
	cr_expect_eq(strlen(quote_word(path, "PATH").text),
	    (size_t)QUOTE_WORD_BYTES - 1);
}
