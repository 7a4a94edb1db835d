/*
 * litesafe backup: check what was asked, run the recipe, report.
 */
#include "command/backup_found.h"
#include "command/backup_one.h"
#include "command/backup_request.h"
#include "command/command.h"

int
cmd_backup(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	const char *const *databases = (const char *const *)options->operands;
	size_t count = options->operand_count;
	struct backup_place place;

	if (backup_request_check(session, err) < 0 ||
	    backup_place_open(session, &place, err) < 0)
		return -1;
	if (backup_request_finds(options))
		return backup_found(session, &place, err);
	if (!options->dry_run)
		return backup_set(
		    session, &place, databases, count, options->set, err);
	session->counts.several = true;
	session->counts.databases = count;
	return backup_preview(
	    session, &place, databases, count, options->set, err);
}
