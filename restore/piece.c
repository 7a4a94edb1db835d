/*
 * Not being permitted to give a file away is no failure, but then its group
 * bits would open it to a group that nobody meant: they are cut to what
 * everybody may do.
 */
#include "restore/piece.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "restore/publish.h"

int
piece_own(
    struct piece *piece, const struct manifest_database *db, struct err *err)
{
	const struct target *target = &piece->target;
	const struct draft *draft = &piece->draft;
	uid_t uid = target->present ? target->uid : (uid_t)db->uid;
	gid_t gid = target->present ? target->gid : (gid_t)db->gid;
	mode_t mode =
	    (target->present ? target->mode : (mode_t)db->mode) & 0777;
	struct stat st;

	/* Refused as a whole, the group alone may still be allowed. */
	if (fchown(draft->fd, uid, gid) < 0)
		(void)!fchown(draft->fd, (uid_t)-1, gid);
	if (fstat(draft->fd, &st) < 0)
		return err_system(
		    err, "look at the draft of '%s'", draft->path);
	piece->restored->owner_kept = st.st_uid == uid && st.st_gid == gid;
	if (st.st_gid != gid)
		mode &= ~(mode_t)070 | (mode & 07) << 3;
	if (fchmod(draft->fd, mode) < 0)
		return err_system(err, "set the mode of '%s'", draft->path);
	return 0;
}

/* What lies aside is the operator's to know, also when the switch failed. */
static void
take_aside(struct aside *aside, struct restored *result)
{
	for (unsigned i = 0; i < aside->count; i++)
		result->aside[i] = (struct restore_aside){
			.from = take_ptr(&aside->file[i].from),
			.to = take_ptr(&aside->file[i].to),
		};
	result->aside_count = aside->count;
	aside_done(aside);
}

int
piece_publish(struct piece *piece, struct err *err)
{
	struct published published = PUBLISHED_NONE;
	struct restored *restored = piece->restored;

	_Static_assert((int)RESTORE_ASIDE_MAX == (int)FAMILY_FILES,
	    "every file of a database can be told");
	int rc = publish_run(&piece->target, &piece->draft, &published, err);
	restored->done = rc == 0;
	restored->replaced = published.replaced;
	restored->absent_meanwhile = published.absent_meanwhile;
	take_aside(&published.aside, restored);
	return rc;
}
