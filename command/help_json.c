/*
 * What --help says in columns, as objects: whoever needs to know which options
 * there are need not take a page apart that is made for people.
 */
#include "command/help_json.h"

#include <stdbool.h>
#include <string.h>

#include "command/command.h"
#include "command/json.h"

/* In the order of enum option_kind. */
static const char *const kind_names[] = { "flag", "text", "texts", "choice",
	"integer", "duration", "size" };

static void
put_choices(struct json *json, const char *choices)
{
	char choice[40];

	json_open_array(json, "choices");
	while (*choices != '\0') {
		size_t len = strcspn(choices, "|");
		(void)snprintf(
		    choice, sizeof(choice), "%.*s", (int)len, choices);
		json_put_text(json, NULL, choice);
		choices += len;
		choices += *choices == '|';
	}
	json_close(json);
}

static void
put_option(struct json *json, const struct option *option)
{
	char letter[] = { option->letter, '\0' };

	json_open_object(json, NULL);
	json_put_text(json, "name", option->name);
	json_put_text(json, "letter", letter[0] == '\0' ? NULL : letter);
	json_put_text(json, "kind", kind_names[option->kind]);
	json_put_text(json, "value", option_value_name(option));
	json_put_bool(json, "value_optional", option->bare != NULL);
	if (option->choices != NULL)
		put_choices(json, option->choices);
	json_put_text(json, "default", option->fallback);
	json_put_text(json, "environment", option->environment);
	json_put_bool(json, "common", option->commands == FOR_ALL);
	json_put_text(json, "help", option->help);
	json_close(json);
}

static void
put_command(FILE *out, const struct command *command)
{
	struct json json;

	json_begin(&json, out);
	json_put_text(&json, "type", "command");
	json_put_text(&json, "name", command->name);
	json_put_text(&json, "usage", command->usage);
	json_put_text(&json, "summary", command->summary);
	json_open_array(&json, "options");
	for (const struct option *o = option_table; o->name != NULL; o++) {
		if ((o->commands & command->bit) != 0)
			put_option(&json, o);
	}
	json_end(&json);
}

void
help_json_put(FILE *out, const struct command *command)
{
	if (command != NULL) {
		put_command(out, command);
		return;
	}
	for (const struct command *c = command_table; c->name != NULL; c++)
		put_command(out, c);
}
