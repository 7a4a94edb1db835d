/*
 * SQLite's own rule for the last one to leave (sqlite3WalClose() in its wal.c):
 * whoever gets the exclusive lock of the main file is alone, because everybody
 * who uses a WAL holds that file's shared lock as long as he lives, and nobody
 * new gets past it.  SQLite would then also checkpoint; we only take away what
 * came with us.
 *
 * A -wal with content is never touched.  It may have got its content while we
 * were here, from somebody who has left again without being the last.
 *
 * The lock goes with the connection's descriptor when that is closed.  If the
 * process dies in between, what is left is an empty -wal or none, and a -shm
 * that the next one to open the database makes anew.
 */
#include "database/trace.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "database/side_files.h"

enum {
	tries_max = 5,
	pause_min_ns = 500000,
	pause_step_ns = 100000,
	pause_steps = 30,
};

static sqlite3_file *
main_file(sqlite3 *db)
{
	sqlite3_file *file = NULL;

	(void)sqlite3_file_control(
	    db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file != NULL && file->pMethods != NULL ? file : NULL;
}

static bool
has_moved(sqlite3_file *file)
{
	int moved = 0;
	int rc =
	    file->pMethods->xFileControl(file, SQLITE_FCNTL_HAS_MOVED, &moved);

	return rc != SQLITE_OK || moved != 0;
}

/* Stepwise: SQLite's VFS goes from nothing to exclusive by way of shared. */
static bool
am_alone(sqlite3_file *file)
{
	return file->pMethods->xLock(file, SQLITE_LOCK_SHARED) == SQLITE_OK &&
	       file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE) == SQLITE_OK;
}

/*
 * Of two that leave at one moment neither is alone, and both would leave the
 * files to the other.  So each lets go of all locks for a moment, which is
 * seldom as long as the other's, and asks again.  An application that stays
 * costs these few milliseconds once, since it came after us.
 */
static bool
am_last(sqlite3_file *file)
{
	for (int tries = 0; tries < tries_max; tries++) {
		uint16_t random = 0;

		if (am_alone(file))
			return true;
		(void)file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
		sqlite3_randomness(sizeof(random), &random);
		const struct timespec moment = {
			.tv_nsec =
			    pause_min_ns + random % pause_steps * pause_step_ns,
		};
		(void)nanosleep(&moment, NULL);
	}
	return am_alone(file);
}

static void
remove_empty_wal(const struct source *source)
{
	char path[sizeof(source->path) + sizeof("-wal")];

	(void)stpcpy(stpcpy(path, source->path), "-wal");
	(void)unlink(path);
}

void
trace_remove(sqlite3 *db, const struct source *before)
{
	struct source now = *before;
	struct err ignored;
	sqlite3_file *file = main_file(db);

	if (file == NULL || side_files_look(&now, &ignored) < 0 ||
	    ((!now.has_wal || now.wal_ino == before->wal_ino) &&
		(!now.has_shm || now.shm_ino == before->shm_ino)))
		return; /* as it was */
	if (!am_last(file) || has_moved(file))
		return; /* whoever is there uses them now */

	/* Looked at again: until the lock was had, others could come and go. */
	if (side_files_look(&now, &ignored) < 0)
		return;
	if (now.has_wal && now.wal_ino != before->wal_ino && now.wal_bytes == 0)
		remove_empty_wal(&now);
	if (now.has_shm && now.shm_ino != before->shm_ino)
		(void)file->pMethods->xShmUnmap(file, 1);
}
