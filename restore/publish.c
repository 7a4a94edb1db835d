/*
 * Three ways to the same end; the crash reasoning stands beside each.
 *
 * All of them share one danger: SQLite finds -wal and -journal by name alone.
 * A side file of the old database beside the new one would be replayed into
 * it, and integrity_check would still say ok (howtocorrupt.html 1.4).  So no
 * order may ever pass through {new PATH, old PATH-wal or PATH-journal}.
 *
 * The draft was flushed before we come here, so the old database is locked
 * only for the moment of the switch.
 */
#include "restore/publish.h"

#include "base/auto.h"
#include "database/retire.h"

/*
 * The name is free.  Side files without a database may still lie there.
 *
 * If we die
 *   before aside_let_go():  nothing changed but additional names;
 *   during it:              still no PATH; what is left is put aside next time;
 *   before draft_publish(): no PATH, no side files, the old ones are aside;
 *   after it:               the new database, alone.
 */
static int
publish_new(const struct target *target, struct draft *draft,
    struct published *published, struct err *err)
{
	if (aside_keep(&published->aside, target, 1, FAMILY_FILES, err) < 0 ||
	    target_unused(target, err) < 0 || target_unmoved(target, err) < 0 ||
	    aside_let_go(&published->aside, err) < 0)
		return -1;
	return draft_publish(draft, DRAFT_REFUSE, err);
}

/*
 * SQLite has taken the side files in and keeps everybody out; the old database
 * is one whole file.
 *
 * If we die
 *   before the rename in draft_publish(): PATH is the old database, whole,
 *       perhaps with a second name;
 *   after it: PATH is the new one, and PATH.before-... the old one; its name
 *       was flushed before, so no power cut can lose both names of it.
 *
 * The lock does not stop a process from opening the file and waiting; after
 * the rename it would go on with the old file and the new one's side files.
 * So everybody is looked for once more as late as possible.
 */
static int
exchange_whole(const struct target *target, struct draft *draft,
    struct published *published, struct err *err)
{
	if (target_alone(target, err) < 0 ||
	    aside_keep(&published->aside, target, 0, 1, err) < 0 ||
	    target_unused(target, err) < 0 || target_unmoved(target, err) < 0)
		return -1;
	return draft_publish(draft, DRAFT_REPLACE, err);
}

/*
 * SQLite cannot open the old one, so nothing can take its side files in; they
 * belong to it and go with it, as a set.
 *
 * If we die
 *   before aside_let_go():  the old set under its names, and second names;
 *   during it:              no PATH, perhaps side files under their names,
 *                           but every one of them also has its second name;
 *   before draft_publish(): no PATH, the old set aside, whole;
 *   after it:               the new database, alone.
 * An application that starts meanwhile may create an empty PATH: then we
 * refuse to replace it, and the old set is aside.
 */
static int
exchange_damaged(const struct target *target, struct draft *draft,
    struct published *published, struct err *err)
{
	if (aside_keep(&published->aside, target, 0, FAMILY_FILES, err) < 0 ||
	    target_unused(target, err) < 0 || target_unmoved(target, err) < 0)
		return -1;
	published->absent_meanwhile = true;
	if (aside_let_go(&published->aside, err) < 0)
		return -1;
	return draft_publish(draft, DRAFT_REFUSE, err);
}

static int
exchange(const struct target *target, struct draft *draft,
    struct published *published, struct err *err)
{
	AUTO(retired) struct retired *retired = NULL;

	if (target_unused(target, err) < 0 || target_unmoved(target, err) < 0)
		return -1;

	/* SQLite would delete the -wal of an empty database: not opened. */
	if (target->bytes == 0)
		return exchange_damaged(target, draft, published, err);

	if (retire_open(target->path, &retired, err) == 0)
		return exchange_whole(target, draft, published, err);
	if (err->kind == ERR_DAMAGED)
		return exchange_damaged(target, draft, published, err);
	if (err->kind == ERR_BUSY)
		err->kind = ERR_REFUSED; /* in use, whoever it is */
	return -1;
}

int
publish_run(const struct target *target, struct draft *draft,
    struct published *ret_published, struct err *err)
{
	struct published *published = ret_published;

	*published = (struct published)PUBLISHED_NONE;
	int rc = target->present ? exchange(target, draft, published, err)
				 : publish_new(target, draft, published, err);
	if (rc < 0)
		aside_undo(&published->aside);
	if (rc < 0 && published->aside.count > 0)
		(void)err_hint(err, "what was there before is kept as '%s'%s",
		    published->aside.file[0].to,
		    published->aside.count > 1 ? " and beside it" : "");
	published->replaced = rc == 0 && target->present;
	return rc;
}
