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
	struct backup_place place;

	if (backup_request_check(session, err) < 0 ||
	    backup_place_open(session, &place, err) < 0)
		return -1;
	if (options->dry_run || backup_request_finds(options))
		return backup_found(session, &place, err);
	return backup_set(session, &place,
	    (const char *const *)options->operands, options->operand_count,
	    options->set, err);
}
