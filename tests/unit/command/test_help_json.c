/* What programs read is what the tables say, all of it and nothing else. */
#include "command/help_json.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "command/command.h"

static char *
text_of(const struct command *command)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert(out != NULL);
	help_json_put(out, command);
	cr_assert_eq(fclose(out), 0);
	return text;
}

static json_t *
object_of(const struct command *command)
{
	json_error_t error;
	char *text = text_of(command);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert(root != NULL, "%s: %s", error.text, text);
	free(text);
	return root;
}

static const char *
text_in(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
expect_text(json_t *object, const char *key, const char *wanted)
{
	const char *found = text_in(object, key);

	if (wanted == NULL)
		cr_expect(
		    json_is_null(json_object_get(object, key)), "%s", key);
	else
		cr_expect(found != NULL && strcmp(found, wanted) == 0,
		    "%s: '%s' is not '%s'", key, found, wanted);
}

static void
expect_option(json_t *found, const struct option *option)
{
	char choices[80] = "";
	json_t *list = json_object_get(found, "choices");

	for (size_t i = 0; i < json_array_size(list); i++) {
		strcat(choices, i == 0 ? "" : "|");
		strcat(choices, json_string_value(json_array_get(list, i)));
	}
	expect_text(found, "name", option->name);
	expect_text(found, "help", option->help);
	expect_text(found, "default", option->fallback);
	expect_text(found, "environment", option->environment);
	cr_expect_str_eq(
	    choices, option->choices == NULL ? "" : option->choices);
	cr_expect_eq(
	    json_is_null(json_object_get(found, "letter")), !option->letter);
	cr_expect_eq(json_is_null(json_object_get(found, "value")),
	    option->kind == OPTION_FLAG);
	cr_expect_eq(json_is_true(json_object_get(found, "value_optional")),
	    option->bare != NULL);
	cr_expect_eq(json_is_true(json_object_get(found, "common")),
	    option->commands == FOR_ALL);
}

Test(help_json, each_command_has_its_options_in_the_order_of_the_table)
{
	for (const struct command *c = command_table; c->name != NULL; c++) {
		json_t *root = object_of(c);
		json_t *options = json_object_get(root, "options");
		size_t at = 0;

		expect_text(root, "type", "command");
		expect_text(root, "name", c->name);
		expect_text(root, "usage", c->usage);
		expect_text(root, "summary", c->summary);
		for (const struct option *o = option_table; o->name != NULL;
		     o++)
			if ((o->commands & c->bit) != 0)
				expect_option(json_array_get(options, at++), o);
		cr_expect_eq(json_array_size(options), at, "%s", c->name);
		json_decref(root);
	}
}

Test(help_json, of_no_command_is_a_line_for_each)
{
	char *text = text_of(NULL), *line = text;

	for (const struct command *c = command_table; c->name != NULL; c++) {
		char *one = text_of(c);
		cr_expect_eq(strncmp(line, one, strlen(one)), 0, "%s", c->name);
		line += strlen(one);
		free(one);
	}
	cr_expect_str_eq(line, "");
	free(text);
}

/* A kind without a word would be a read behind the end. */
Test(help_json, every_kind_has_its_word)
{
	static const struct {
		const char *command, *option, *kind;
	} rows[] = {
		{ "backup", "full", "flag" },
		{ "backup", "output", "text" },
		{ "verify", "check-sql", "texts" },
		{ "restore", "check", "choice" },
		{ "prune", "keep-last", "integer" },
		{ "backup", "max-pin", "duration" },
		{ "backup", "min-free", "size" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct command *command;
		struct err err;
		size_t at;
		json_t *option;
		unsigned found = 0;

		cr_assert_eq(command_named(rows[i].command, &command, &err), 0);
		json_t *root = object_of(command);
		json_array_foreach(json_object_get(root, "options"), at, option)
		{
			if (strcmp(text_in(option, "name"), rows[i].option) ==
			    0) {
				expect_text(option, "kind", rows[i].kind);
				found++;
			}
		}
		cr_expect_eq(found, 1, "%s", rows[i].option);
		json_decref(root);
	}
}
