/*
 * The table of commands, in the order of --help.
 */
#include "command/command.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/pool.h"
#include "command/help.h"

const struct command command_table[] = {
	{ "init", FOR_INIT, "-r PATH", "make a repository", cmd_init },
	{ "backup", FOR_BACKUP, "DATABASE (-r PATH | -o FILE)",
	    "store one state of a live database, and prove it", cmd_backup },
	{ "list", FOR_LIST, "-r PATH [SET]",
	    "the sets of a repository, or the snapshots of one", cmd_list },
	{ "show", FOR_SHOW, "(FILE | -r PATH [SET] SNAPSHOT)",
	    "what a snapshot says about itself", cmd_show },
	{ "restore", FOR_RESTORE, "(FILE | -r PATH SET) --to PATH",
	    "make a database from a snapshot, all or nothing", cmd_restore },
	{ "verify", FOR_VERIFY, "(FILE... | -r PATH [SET])",
	    "read snapshots back, restore them to scratch, ask SQLite",
	    cmd_verify },
	{ "prune", FOR_PRUNE, "-r PATH [SET] --keep-...",
	    "delete the chains that no rule keeps, and say why", cmd_prune },
	{ "pin", FOR_PIN, "-r PATH [SET] SNAPSHOT",
	    "keep a snapshot and its chain from being pruned", cmd_pin },
	{ "unpin", FOR_UNPIN, "-r PATH [SET] SNAPSHOT",
	    "let a pinned snapshot be pruned again", cmd_unpin },
	{ "export", FOR_EXPORT, "-r PATH [SET] SNAPSHOT -o FILE",
	    "make an archive that stands alone from a snapshot", cmd_export },
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
