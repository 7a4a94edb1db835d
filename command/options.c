/*
 * The loop knows nothing of any single option: it splits words into options,
 * values and operands, asks the table, and puts the value into the field that
 * the table names.
 *
 * After an error it reads on, because a later --json decides how that error
 * must be told; only the first error is kept.
 */
#include "command/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "command/command.h"
#include "command/option_value.h"

/* The command line on its way through the loop. */
struct reader {
	int argc, at;
	char **argv;
	const struct command *command;
	bool unknown_command;
	struct options *options;
	struct err *err;
};

static bool
belongs(const struct option *option, const struct command *command)
{
	return command == NULL ? option->commands == FOR_ALL
			       : (option->commands & command->bit) != 0;
}

static bool
named(const struct option *option, const char *name, size_t len, char letter)
{
	return name == NULL ? option->letter == letter
			    : strlen(option->name) == len &&
				  strncmp(option->name, name, len) == 0;
}

static int
unknown_option(const struct reader *r, const char *who, const char *name)
{
	const struct option *o;
	struct nearest nearest = NEAREST_TO(name == NULL ? "" : name);
	bool elsewhere = false;

	for (o = option_table; o->name != NULL; o++) {
		elsewhere =
		    elsewhere || named(o, name, name == NULL ? 0 : strlen(name),
				     name == NULL ? who[1] : '\0');
		if (belongs(o, r->command))
			nearest_offer(&nearest, o->name);
	}
	if (elsewhere && r->command == NULL) {
		(void)err_set(r->err, ERR_USAGE, 0,
		    "'%s' stands before the command", who);
		return err_hint(r->err,
		    "the command comes first: litesafe COMMAND %s", who);
	}
	if (elsewhere)
		return err_set(r->err, ERR_USAGE, 0,
		    "'litesafe %s' has no option '%s'", r->command->name, who);
	(void)err_set(r->err, ERR_USAGE, 0, "unknown option '%s'", who);
	return nearest.name == NULL
		   ? -1
		   : err_hint(r->err, "did you mean '--%s'?", nearest.name);
}

/* By long name (of `len` bytes), or when that is NULL by letter. */
static const struct option *
find_option(const struct reader *r, const char *name, size_t len, char letter)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (belongs(o, r->command) && named(o, name, len, letter))
			return o;
	}
	return NULL;
}

/* `attached` is a value in the same word, or NULL. */
static int
take_option(struct reader *r, const struct option *option, const char *who,
    const char *attached)
{
	const char *text = attached;

	r->options->given[option - option_table] = true;
	if (option->kind == OPTION_FLAG) {
		if (attached != NULL)
			return err_set(
			    r->err, ERR_USAGE, 0, "%s takes no value", who);
		text = "yes";
	} else if (attached == NULL && option->bare != NULL) {
		text = option->bare;
	} else if (attached == NULL) {
		if (r->at == r->argc)
			return err_set(r->err, ERR_USAGE, 0,
			    "%s needs a value: %s", who,
			    option_value_name(option));
		text = r->argv[r->at++];
	}
	if (option_value_read(
		option, text, option_value_field(option, r->options)) < 0)
		return option_value_refuse(option, who, text, r->err);
	return 0;
}

/* --name, --name VALUE, --name=VALUE; only the last one where it is bare */
static int
read_long(struct reader *r, const char *word)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const struct option *option = find_option(r, name, len, '\0');
	char who[64], bare[64];

	(void)snprintf(who, sizeof(who), "--%.*s", (int)len, name);
	(void)snprintf(bare, sizeof(bare), "%.*s", (int)len, name);
	if (option == NULL)
		return unknown_option(r, who, bare);
	return take_option(
	    r, option, who, name[len] == '=' ? name + len + 1 : NULL);
}

/* -q, -qv, -o VALUE, -oVALUE, -qo VALUE */
static int
read_short(struct reader *r, const char *word)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		const struct option *option = find_option(r, NULL, 0, *p);
		char who[] = { '-', *p, '\0' };

		if (option == NULL)
			return unknown_option(r, who, NULL);
		if (option->kind != OPTION_FLAG)
			return take_option(
			    r, option, who, p[1] == '\0' ? NULL : p + 1);
		if (take_option(r, option, who, NULL) < 0)
			return -1;
	}
	return 0;
}

/* The first operand is the command. */
static int
read_operand(struct reader *r, char *word)
{
	if (r->command != NULL || r->unknown_command) {
		r->options->operands[r->options->operand_count++] = word;
		return 0;
	}
	if (command_named(word, &r->command, r->err) < 0) {
		r->unknown_command = true;
		return -1;
	}
	return 0;
}

/* What stands in the environment, for options that were not given. */
static int
read_environment(struct reader *r)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (r->options->given[o - option_table] ||
		    !belongs(o, r->command))
			continue;
		if (option_value_from_environment(o, r->options, r->err) < 0)
			return -1;
	}
	return 0;
}

static void
set_defaults(struct options *options)
{
	*options = (struct options){ .json = false };
	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (o->fallback != NULL)
			(void)option_value_read(
			    o, o->fallback, option_value_field(o, options));
	}
}

static int
read_words(struct reader *r)
{
	struct err *first = r->err;
	struct err later;
	bool only_operands = false;
	int result = 0;

	for (r->at = 1; r->at < r->argc;) {
		char *word = r->argv[r->at++];
		int rc = 0;

		if (only_operands || word[0] != '-' || word[1] == '\0')
			rc = read_operand(r, word);
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else if (word[1] == '-')
			rc = read_long(r, word);
		else
			rc = read_short(r, word);
		if (rc < 0) {
			result = -1;
			r->err = &later;
		}
	}
	r->err = first;
	return result;
}

int
options_read(int argc, char **argv, const struct command **ret_command,
    struct options *ret_options, struct err *err)
{
	struct reader r = {
		.argc = argc,
		.argv = argv,
		.options = ret_options,
		.err = err,
	};

	set_defaults(ret_options);
	/* There are never more operands than words that were read. */
	ret_options->operands = argv;
	struct err later;
	int rc = read_words(&r);
	if (rc < 0)
		r.err = &later;
	if (read_environment(&r) < 0)
		rc = -1;
	*ret_command = r.command;
	return rc;
}

bool
options_given(const struct options *options, const char *name)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (options->given[o - option_table] &&
		    strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}
