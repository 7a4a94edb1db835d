/* The table, --help and the manual page tell the same story. */
#include "command/option_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "command/help.h"
#include "command/option_value.h"

static char *
read_page(void)
{
	static char page[65536];
	FILE *f = fopen("packaging/man/litesafe.1", "r");

	cr_assert(f != NULL, "run from the root of the tree");
	size_t got = fread(page, 1, sizeof(page) - 1, f);
	cr_assert(got > 0 && got < sizeof(page) - 1);
	page[got] = '\0';
	(void)fclose(f);
	return page;
}

/* Calls `each` for every option that a line ".It Fl ..." of the page names. */
static void
each_documented(
    void (*each)(const char *name, char letter, void *ctx), void *ctx)
{
	char *page = read_page();

	for (char *line = strtok(page, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		char letter = '\0', name[64];

		if (strncmp(line, ".It Fl ", 7) != 0)
			continue;
		if (sscanf(line, ".It Fl %c , Fl -%63[a-z0-9-]", &letter,
			name) == 2 ||
		    sscanf(line, ".It Fl -%63[a-z0-9-]", name) == 1)
			each(name, letter == '-' ? '\0' : letter, ctx);
		else
			cr_expect_fail("not understood: %s", line);
	}
}

struct count {
	const struct option *option;
	unsigned found;
};

static void
count_one(const char *name, char letter, void *ctx)
{
	struct count *count = ctx;

	if (strcmp(name, count->option->name) == 0 &&
	    letter == count->option->letter)
		count->found++;
}

Test(option_table, every_option_is_in_the_manual_exactly_once)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct count count = { .option = o };
		unsigned rows = 0;

		for (const struct option *p = option_table; p->name != NULL;
		     p++)
			rows += strcmp(p->name, o->name) == 0;
		each_documented(count_one, &count);
		cr_expect_eq(count.found, rows, "--%s: %u of %u", o->name,
		    count.found, rows);
	}
}

static void
expect_known(const char *name, char letter, void *ctx)
{
	(void)ctx;
	for (const struct option *o = option_table; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0 && o->letter == letter)
			return;
	cr_expect_fail("the manual has --%s, the table has not", name);
}

Test(option_table, the_manual_invents_no_option)
{
	each_documented(expect_known, NULL);
}

Test(option_table, every_choice_is_in_the_manual)
{
	char *page = strdup(read_page());

	for (const struct option *o = option_table; o->name != NULL; o++) {
		char item[200] = "-", choices[64];

		if (o->choices == NULL)
			continue;
		(void)snprintf(item, sizeof(item), "-%s Cm ", o->name);
		(void)snprintf(choices, sizeof(choices), "%s", o->choices);
		for (char *c = strtok(choices, "|"); c != NULL;) {
			strcat(item, c);
			c = strtok(NULL, "|");
			if (c != NULL)
				strcat(item, " Ns | Ns Cm ");
		}
		strcat(item, "\n");
		cr_expect(strstr(page, item) != NULL, "%s", item);
	}
	free(page);
}

Test(option_table, every_variable_is_in_the_manual_and_none_else)
{
	char *page = read_page();

	for (const struct option *o = option_table; o->name != NULL; o++)
		if (o->environment != NULL)
			cr_expect(strstr(page, o->environment) != NULL, "%s",
			    o->environment);
	for (char *p = page; (p = strstr(p, "LITESAFE_")) != NULL;) {
		size_t len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		bool known = false;
		for (const struct option *o = option_table; o->name != NULL;
		     o++)
			known =
			    known || (o->environment != NULL &&
					 strlen(o->environment) == len &&
					 strncmp(o->environment, p, len) == 0);
		cr_expect(known, "%.*s", (int)len, p);
		p += len;
	}
}

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

Test(option_table, every_command_has_its_section_in_the_manual)
{
	char *page = read_page();

	for (const struct command *c = command_table; c->name != NULL; c++) {
		char section[64];
		(void)snprintf(
		    section, sizeof(section), ".Ss litesafe %s\n", c->name);
		cr_expect(strstr(page, section) != NULL, "%s", section);
	}
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
