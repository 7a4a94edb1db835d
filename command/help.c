/*
 * Two columns: what to type, and what it does, wrapped.  Options that all
 * commands have are explained once, in the help of all; a command names them.
 */
#include "command/help.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "command/command.h"

enum { COLUMNS = 79, TEXT_COLUMN = 30, ENTRY_BYTES = 80 };

/* `len` bytes are on the line already. */
static void
put_wrapped(FILE *out, size_t len, size_t column, const char *text)
{
	if (len + 2 > column) {
		(void)fputc('\n', out);
		len = 0;
	}
	(void)fprintf(out, "%*s", (int)(column - len), "");
	len = column;
	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		if (len > column && len + 1 + word > COLUMNS) {
			(void)fprintf(out, "\n%*s", (int)column, "");
			len = column;
		} else if (len > column) {
			(void)fputc(' ', out);
			len++;
		}
		(void)fwrite(text, 1, word, out);
		len += word;
		text += word;
		text += strspn(text, " ");
	}
	(void)fputc('\n', out);
}

/* "--name VALUE", "--name[=VALUE]" */
static void
spell(const struct option *option, char ret_text[ENTRY_BYTES])
{
	const char *value = option_value_name(option);

	(void)snprintf(ret_text, ENTRY_BYTES, "--%s%s%s%s", option->name,
	    value == NULL	   ? ""
	    : option->bare != NULL ? "[="
				   : " ",
	    value == NULL ? "" : value, option->bare == NULL ? "" : "]");
}

static void
put_option(FILE *out, const struct option *option)
{
	char entry[ENTRY_BYTES], text[400];
	char letter[] = { '-', option->letter, ',', ' ', '\0' };

	spell(option, entry);
	int len = fprintf(
	    out, "  %s%s", option->letter == '\0' ? "    " : letter, entry);
	(void)snprintf(text, sizeof(text), "%s%s%s%s", option->help,
	    option->fallback == NULL ? "" : " (default: ",
	    option->fallback == NULL ? "" : option->fallback,
	    option->fallback == NULL ? "" : ")");
	put_wrapped(out, len < 0 ? 0 : (size_t)len, TEXT_COLUMN, text);
}

/* Those of a command alone, or with FOR_ALL those that all have. */
static void
put_options(FILE *out, const char *title, unsigned bit)
{
	bool first = true;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		if ((o->commands & bit) == 0 ||
		    (o->commands == FOR_ALL) != (bit == FOR_ALL))
			continue;
		if (first)
			(void)fprintf(out, "\n%s:\n", title);
		first = false;
		put_option(out, o);
	}
}

/* "[-q | --quiet]", as many as a line holds. */
static void
name_common_options(FILE *out)
{
	size_t at = COLUMNS;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		char entry[ENTRY_BYTES];
		char letter[] = { '-', o->letter, ' ', '|', ' ', '\0' };
		size_t brackets = o->letter == '\0' ? 2 : 2 + strlen(letter);

		if (o->commands != FOR_ALL)
			continue;
		spell(o, entry);
		size_t len = strlen(entry) + brackets;
		if (at + 1 + len > COLUMNS) {
			(void)fputs("\n ", out);
			at = 1;
		}
		(void)fprintf(
		    out, " [%s%s]", o->letter == '\0' ? "" : letter, entry);
		at += 1 + len;
	}
	(void)fputc('\n', out);
}

static void
help_of_all(FILE *out)
{
	(void)fputs("usage: litesafe COMMAND [OPTION...] [OPERAND...]\n\n"
		    "Safe online backups of SQLite databases, proven to "
		    "restore.\n\ncommands:\n",
	    out);
	for (const struct command *c = command_table; c->name != NULL; c++) {
		int len = fprintf(out, "  %s", c->name);
		put_wrapped(out, len < 0 ? 0 : (size_t)len, 12, c->summary);
	}
	put_options(out, "options of all commands", FOR_ALL);
	(void)fputs("\nexamples:\n"
		    "  litesafe init -r /backups\n"
		    "  litesafe backup /srv/app/app.db -r /backups\n"
		    "  litesafe verify -r /backups\n"
		    "  litesafe restore -r /backups app.db --at yesterday "
		    "--to new.db\n"
		    "  litesafe backup /srv/app/app.db -o app.tar.zst\n\n"
		    "'litesafe help COMMAND' tells more, and litesafe(1) "
		    "leads to all of it.\n",
	    out);
}

void
help_print(FILE *out, const struct command *command)
{
	if (command == NULL) {
		help_of_all(out);
		return;
	}
	(void)fprintf(out, "usage: litesafe %s [OPTION...]%s%s\n\n",
	    command->name, command->usage[0] == '\0' ? "" : " ",
	    command->usage);
	(void)fprintf(out, "%s\n", command->summary);
	/* It begins on a line of its own, which leaves one empty. */
	if (command->about != NULL)
		put_wrapped(out, 0, 0, command->about);
	put_options(out, "options", command->bit);
	(void)fputs("\noptions of all commands, which 'litesafe --help' "
		    "explains:",
	    out);
	name_common_options(out);
	if (command->examples != NULL)
		(void)fprintf(out, "\nexamples:\n%s", command->examples);
	(void)fprintf(out, "\nlitesafe-%s(1) tells the rest.\n", command->name);
}
