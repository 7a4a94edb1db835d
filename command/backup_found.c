/*
 * Everything is searched for before the first database is opened, because a
 * search opens and closes files, and SQLite's locks would not survive that.
 */
#include "command/backup_found.h"

#include "base/auto.h"
#include "command/backup_targets.h"
#include "command/tally.h"

static int
deal_with(struct session *session, const struct backup_place *place,
    const struct backup_target *target, struct err *err)
{
	const char *path = target->path;

	if (work_check(&session->work, err) < 0)
		return -1;
	return session->options.dry_run
		   ? backup_preview(session, place, &path, 1, target->set, err)
		   : backup_one(session, place, path, target->set, err);
}

int
backup_found(
    struct session *session, const struct backup_place *place, struct err *err)
{
	AUTO(backup_targets) struct backup_targets targets = { 0 };
	struct tally tally = TALLY_NONE;

	session->counts.several = true;
	if (backup_targets_find(session, &tally, &targets, err) < 0)
		return -1;
	session->counts.databases = targets.count;
	for (size_t i = 0; i < targets.count; i++) {
		const struct backup_target *target = &targets.list[i];
		const struct tally_object object = { target->set,
			target->path };
		struct err one = { .kind = ERR_NONE };

		if (deal_with(session, place, target, &one) == 0)
			tally.fine++;
		else if (tally_failed(&tally, session, &object, &one, err) < 0)
			return -1;
	}
	return tally_end(&tally, err);
}
