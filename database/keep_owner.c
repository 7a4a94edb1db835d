/*
 * By the interface that SQLite's own tests use (xSetSystemCall,
 * sqlite.org/c3ref/vfs.html).
 */
#include "database/keep_owner.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

static int
fchown_if_needed(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_uid == uid && st.st_gid == gid)
		return 0;
	return fchown(fd, uid, gid);
}

void
keep_owner_install(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (vfs != NULL && vfs->iVersion >= 3 && vfs->xSetSystemCall != NULL)
		(void)vfs->xSetSystemCall(
		    vfs, "fchown", (sqlite3_syscall_ptr)fchown_if_needed);
}
