/*
 * litesafe backup: check what was asked, run the recipe, report.
 */
#include "base/file.h"
#include "command/backup_found.h"
#include "command/backup_one.h"
#include "command/backup_request.h"
#include "command/command.h"

/* Of one set: it is stored with all of them or not at all. */
static int
preview_named(
    struct session *session, const struct backup_place *place, struct err *err)
{
	const struct options *options = &session->options;

	session->counts.several = true;
	session->counts.databases = options->operand_count;
	for (unsigned i = 0; i < options->operand_count; i++) {
		const char *path = options->operands[i];

		if (backup_preview(session, place, path,
			options->set == NULL ? file_last_part(path)
					     : options->set,
			err) < 0)
			return -1;
	}
	return 0;
}

int
cmd_backup(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct backup_place place;

	if (backup_request_check(session, err) < 0 ||
	    backup_place_open(session, &place, err) < 0)
		return -1;
	if (backup_request_finds(options))
		return backup_found(session, &place, err);
	if (options->dry_run)
		return preview_named(session, &place, err);
	return backup_set(session, &place,
	    (const char *const *)options->operands, options->operand_count,
	    options->set, err);
}
