/*
 * The table and --help tell the same story.  That the manual and the
 * completions do, too, is tried by consistency.sh and completions.sh of
 * tests/scenario.
 */
#include "command/option_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/help.h"
#include "command/option_value.h"

static char *
help_of(const struct command *command)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert(out != NULL);
	help_print(out, command);
	cr_assert_eq(fclose(out), 0);
	return text;
}

Test(option_table, help_tells_what_a_command_takes_and_nothing_else)
{
	for (const struct command *c = command_table; c->name != NULL; c++) {
		char *text = help_of(c);

		for (const struct option *o = option_table; o->name != NULL;
		     o++) {
			char entry[128];
			const char *value = option_value_name(o);
			(void)snprintf(entry, sizeof(entry), "--%s%s%s",
			    o->name,
			    value == NULL     ? ""
			    : o->bare != NULL ? "[="
					      : " ",
			    value == NULL ? "" : value);
			if ((o->commands & c->bit) != 0)
				cr_expect(strstr(text, entry) != NULL,
				    "help %s: %s", c->name, entry);
			else
				cr_expect(strstr(text, o->help) == NULL,
				    "help %s: %s", c->name, entry);
		}
		free(text);
	}
}

static void
expect_width(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		cr_expect(len <= 80, "%.*s", (int)len, text);
		cr_expect(len == 0 || text[len - 1] != ' ', "blank at the end");
		text += len + (text[len] == '\n');
	}
}

Test(option_table, help_fits_80_columns)
{
	char *text = help_of(NULL);

	expect_width(text);
	for (const struct command *c = command_table; c->name != NULL; c++) {
		cr_expect(strstr(text, c->summary) != NULL, "%s", c->name);
		char *one = help_of(c);
		expect_width(one);
		free(one);
	}
	free(text);
}

Test(option_table, every_default_is_a_value_of_its_option)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct options options;

		if (o->fallback != NULL)
			cr_expect_eq(option_value_read(o, o->fallback,
					 (char *)&options + o->field),
			    0, "--%s", o->name);
		if (o->bare != NULL)
			cr_expect_eq(option_value_read(o, o->bare,
					 (char *)&options + o->field),
			    0, "--%s", o->name);
		cr_expect_eq(option_value_name(o) == NULL,
		    o->kind == OPTION_FLAG, "--%s", o->name);
	}
}

/* Two rows that one command could confuse. */
Test(option_table, names_and_letters_are_unique_for_each_command)
{
	for (const struct option *a = option_table; a->name != NULL; a++) {
		for (const struct option *b = a + 1; b->name != NULL; b++) {
			if ((a->commands & b->commands) == 0)
				continue;
			cr_expect_str_neq(a->name, b->name);
			cr_expect(a->letter == '\0' || a->letter != b->letter,
			    "-%c", a->letter);
		}
	}
}
