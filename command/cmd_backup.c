/*
 * litesafe backup: check what was asked, run the recipe, report.
 */
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
	return backup_set(session, &place,
	    (const char *const *)options->operands, options->operand_count,
	    options->set, err);
}
