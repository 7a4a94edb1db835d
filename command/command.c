/*
 * The table of commands, in the order of --help.
 */
#include "command/command.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "command/help.h"
#include "command/nearest.h"

const struct command command_table[] = {
	{ "backup", FOR_BACKUP, "DATABASE -o FILE|-",
	    "take an archive of a live database, and prove it", cmd_backup },
	{ "verify", FOR_VERIFY, "FILE...",
	    "read archives back, restore them to scratch, ask SQLite",
	    cmd_verify },
	{ "restore", FOR_RESTORE, "FILE|- --to PATH",
	    "make a database from an archive, all or nothing", cmd_restore },
	{ "show", FOR_SHOW, "FILE", "what an archive says about itself",
	    cmd_show },
	{ "help", FOR_OTHERS, "[COMMAND]", "the help of a command", cmd_help },
	{ "version", FOR_OTHERS, "", "the versions of litesafe and SQLite",
	    cmd_version },
	{ .name = NULL },
};

int
command_named(
    const char *name, const struct command **ret_command, struct err *err)
{
	struct nearest nearest = NEAREST_TO(name);

	for (const struct command *c = command_table; c->name != NULL; c++) {
		nearest_offer(&nearest, c->name);
		if (strcmp(c->name, name) == 0) {
			*ret_command = c;
			return 0;
		}
	}
	(void)err_set(err, ERR_USAGE, 0, "unknown command '%s'", name);
	if (nearest.name == NULL)
		return err_hint(err, "'litesafe --help' lists the commands");
	return err_hint(err, "did you mean '%s'?", nearest.name);
}

int
command_run(struct session *session, struct err *err)
{
	if (session->options.help)
		return cmd_help(session, err);
	if (session->options.version)
		return cmd_version(session, err);
	if (session->command == NULL) {
		if (!session->say.json)
			help_print(stderr, NULL);
		return err_set(err, ERR_USAGE, 0, "no command was given");
	}
	return session->command->run(session, err);
}

int
command_operands(const struct session *session, unsigned least, unsigned most,
    struct err *err)
{
	const struct command *command = session->command;
	unsigned count = session->options.operand_count;

	if (count >= least && count <= most)
		return 0;
	if (count < least)
		(void)err_set(err, ERR_USAGE, 0, "%s: too little was named",
		    command->name);
	else
		(void)err_set(err, ERR_USAGE, 0, "%s: '%s' is one too many",
		    command->name, session->options.operands[most]);
	return err_hint(
	    err, "usage: litesafe %s %s", command->name, command->usage);
}

unsigned
command_threads(const struct options *options)
{
	return options->threads == 0 ? pool_default_threads()
				     : (unsigned)options->threads;
}
