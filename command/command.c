/*
 * The table of commands, in the order of --help.
 */
#include "command/command.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/file.h"
#include "base/pool.h"
#include "command/help.h"

const struct command command_table[] = {
	{ "init", FOR_INIT, "-r PATH", "make a repository", cmd_init,
	    "PATH is an empty folder, or one that does not exist yet. The "
	    "repository belongs to the user who makes it, and only that user "
	    "should back up into it.",
	    "  litesafe init -r /backups\n" },
	{ "backup", FOR_BACKUP, "(DATABASE | FOLDER)... (-r PATH | -o FILE)",
	    "store one state of a live database, and prove it", cmd_backup,
	    "With -o it is one file. With -r it is a snapshot in a "
	    "repository: a full, which has every page, or an increment, which "
	    "has the pages that changed since the snapshot before it. A full "
	    "and the increments after it are a chain. With --recursive, or "
	    "with a pattern in quotes, each database that is found is a set of "
	    "its own.",
	    "  litesafe backup /srv/app/app.db -o app.tar.zst\n"
	    "  litesafe backup /srv/app/app.db -r /backups\n"
	    "  litesafe backup a.db b.db --set shop -r /backups\n"
	    "  litesafe backup --recursive /srv -r /backups --dry-run\n"
	    "  litesafe backup '/srv/*/app.db' -r /backups\n" },
	{ "list", FOR_LIST, "-r PATH [SET]",
	    "the sets of a repository, or the snapshots of one", cmd_list,
	    "The last column is what was verified last: 'stored' when every "
	    "stored byte was read and compared, 'restore' when the database "
	    "was also restored to scratch and checked by SQLite. Times are "
	    "UTC.",
	    "  litesafe list -r /backups\n"
	    "  litesafe list -r /backups app.db\n" },
	{ "show", FOR_SHOW, "(FILE | -r PATH [SET] SNAPSHOT)",
	    "what a snapshot says about itself", cmd_show,
	    "SNAPSHOT is an id, its first digits (at least 4), or 'latest'.",
	    "  litesafe show app.tar.zst\n"
	    "  litesafe show -r /backups app.db latest\n" },
	{ "restore", FOR_RESTORE, "(FILE | -r PATH [SET]) --to PATH",
	    "make a database from a snapshot, all or nothing", cmd_restore,
	    "SET may be left out where a repository has only one. --to gets "
	    "its name when everything was checked; what is there is never "
	    "overwritten. Stop the application before you restore over its "
	    "database.",
	    "  litesafe restore app.tar.zst --to new.db\n"
	    "  litesafe restore -r /backups app.db --at 'yesterday 18:00' "
	    "--to new.db\n"
	    "  litesafe restore -r /backups app.db --to /srv/app/app.db "
	    "--replace\n" },
	{ "verify", FOR_VERIFY, "(FILE... | -r PATH [SET])",
	    "read snapshots back, restore them to scratch, ask SQLite",
	    cmd_verify,
	    "The answers are ok, damaged (exit code 4), and cannot be checked "
	    "(a warning).",
	    "  litesafe verify app.tar.zst\n"
	    "  litesafe verify -r /backups\n" },
	{ "prune", FOR_PRUNE, "-r PATH [SET] --keep-... N",
	    "delete the chains that no rule keeps, and say why", cmd_prune,
	    "A chain, a full and the increments after it, goes or stays as a "
	    "whole. Whatever the rules say, the newest chain, the newest 3 "
	    "snapshots, pinned ones and those within --grace stay.",
	    "  litesafe prune -r /backups --keep-daily 14 --keep-weekly 8 "
	    "--dry-run\n" },
	{ "pin", FOR_PIN, "-r PATH [SET] SNAPSHOT",
	    "keep a snapshot and its chain from being pruned", cmd_pin,
	    "SNAPSHOT is an id, its first digits (at least 4), or 'latest'.",
	    "  litesafe pin -r /backups app.db latest\n" },
	{ "unpin", FOR_UNPIN, "-r PATH [SET] SNAPSHOT",
	    "let a pinned snapshot be pruned again", cmd_unpin,
	    "SNAPSHOT is an id, its first digits (at least 4), or 'latest'.",
	    "  litesafe unpin -r /backups app.db 7f3a9c2b\n" },
	{ "discard", FOR_DISCARD, "-r PATH [SET] SNAPSHOT",
	    "delete a damaged snapshot, and what cannot be restored without it",
	    cmd_discard,
	    "The set is read first: a snapshot that is not damaged is refused, "
	    "and so is one that is pinned. SNAPSHOT is the one that 'litesafe "
	    "verify' names as damaged.",
	    "  litesafe discard -r /backups app.db 7f3a9c2b --dry-run\n" },
	{ "export", FOR_EXPORT, "-r PATH [SET] SNAPSHOT -o FILE",
	    "make an archive that stands alone from a snapshot", cmd_export,
	    "SNAPSHOT is an id, its first digits (at least 4), or 'latest'.",
	    "  litesafe export -r /backups app.db latest -o app.tar.zst\n" },
	{ "doctor", FOR_DOCTOR, "DATABASE...",
	    "what state live databases are in, and who holds them up",
	    cmd_doctor,
	    "Nothing is written, and the exit code is 0 whatever is found, "
	    "unless --strict. Run it as root or as the owner of the database "
	    "to see all processes. litesafe-doctor(1) explains each finding.",
	    "  litesafe doctor /srv/app/app.db\n"
	    "  litesafe doctor --watch /srv/app/app.db\n" },
	{ "run", FOR_RUN, "[JOB...]",
	    "do what the configuration asks for: the line for cron", cmd_run,
	    "Each job backs up its databases, verifies what it stored, restores "
	    "it to scratch when that is due, and prunes. Without a JOB all of "
	    "them run, one after the other; a failure of one stops no other. "
	    "Without a terminal a success is silent, unless -v. "
	    "litesafe-run(1) tells of hooks and health checks.",
	    "  litesafe run\n"
	    "  litesafe run -v shop wiki\n"
	    "  litesafe run --dry-run\n" },
	{ "status", FOR_STATUS, "[-r PATH [SET...] | -c FILE [JOB...]]",
	    "whether every set is fresh and verified", cmd_status,
	    "The exit code is 0 when every set is, 1 when one is stale, "
	    "missing or gone, 4 when one is damaged, 5 when a repository "
	    "cannot be read. What was verified is what this machine "
	    "remembers. litesafe-status(1) explains each finding and metric.",
	    "  litesafe status -r /backups --max-age 26h\n"
	    "  litesafe status -r /backups --nagios --max-age 26h "
	    "--max-verify-age 8d\n"
	    "  litesafe status --prometheus "
	    "/var/lib/prometheus/node-exporter/litesafe.prom\n" },
	{ "config", FOR_CONFIG, "check | show [JOB]",
	    "whether the configuration is right, and what it comes to",
	    cmd_config,
	    "check names all that is wrong, with file and line. show prints "
	    "each key with the value that counts, and with --origin where that "
	    "comes from. litesafe.conf(5) explains the keys.",
	    "  litesafe config check -c new.conf\n"
	    "  litesafe config show --origin shop\n" },
	{ "help", FOR_OTHERS, "[COMMAND]", "the help of a command", cmd_help,
	    NULL, NULL },
	{ "version", FOR_OTHERS, "", "the versions of litesafe and SQLite",
	    cmd_version, NULL, NULL },
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

const char *
command_scratch(const struct options *options)
{
	return options->scratch == NULL ? file_scratch_folder()
					: options->scratch;
}
