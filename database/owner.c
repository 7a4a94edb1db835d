/*
 * setfsuid() and setfsgid() are of this thread alone, and say nothing when
 * they are refused; asking with an id that does not exist tells the present
 * one.  Leaving fsuid 0 also takes root's capabilities over files away for the
 * time, so what is tried meanwhile is tried as the owner.
 */
#include "database/owner.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

static bool
is_identity(uid_t uid, gid_t gid)
{
	return (uid_t)setfsuid((uid_t)-1) == uid &&
	       (gid_t)setfsgid((gid_t)-1) == gid;
}

/* AT_EACCESS: with the identity of this thread, not with the real one. */
static bool
may_make_files(const struct source *source)
{
	AUTO(free) char *folder = NULL;
	struct err ignored;

	return file_folder_of(source->path, &folder, &ignored) == 0 &&
	       faccessat(AT_FDCWD, source->path, R_OK | W_OK, AT_EACCESS) ==
		   0 &&
	       faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

void
owner_take(struct owner *owner, const struct source *source)
{
	*owner = (struct owner){ .taken = false };
	if (geteuid() != 0 || source->uid == 0)
		return;
	owner->taken = true;
	owner->gid = (gid_t)setfsgid(source->gid);
	owner->uid = (uid_t)setfsuid(source->uid);
	if (!is_identity(source->uid, source->gid) || !may_make_files(source))
		owner_auto(owner);
}

void
owner_auto(struct owner *owner)
{
	if (!owner->taken)
		return;
	(void)setfsuid(owner->uid);
	(void)setfsgid(owner->gid);
	owner->taken = false;
}
