/*
 * Which process holds which of SQLite's locks on one database.
 *
 * SQLite's locks are POSIX locks on single bytes: of the main file (unixLock()
 * in its os_unix.c), and of the -shm in WAL mode (sqlite.org/walformat.html
 * 2.3).  They belong to a process, not to a connection: two connections of one
 * process are one holder here.
 */
#ifndef DATABASE_LOCKS_H
#define DATABASE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * A reader in WAL mode has a READ lock, shared; whoever moves a read mark has
 * it exclusively for a moment.  Every connection in WAL mode has ALIVE and
 * SHARED, shared, as long as it lives.  SHARED held exclusively keeps everybody
 * else out of the database.
 */
enum lock_name {
	/* of the -shm */
	WAL_LOCK_WRITE, /* a writer, from its first write (BEGIN IMMEDIATE) on */
	WAL_LOCK_CHECKPOINT,
	WAL_LOCK_RECOVER,
	WAL_LOCK_READ_0, /* a reader that reads the main file only */
	WAL_LOCK_READ_1, /* a reader at read mark 1, and so on */
	WAL_LOCK_READ_2,
	WAL_LOCK_READ_3,
	WAL_LOCK_READ_4,
	WAL_LOCK_ALIVE,
	/* of the main file */
	MAIN_LOCK_PENDING, /* waits for readers to leave, rollback mode */
	MAIN_LOCK_RESERVED, /* a writer, rollback mode */
	MAIN_LOCK_SHARED, /* a reader, rollback mode */
	LOCK_NAMES,
};

enum { WAL_LOCK_MARKS = WAL_LOCK_READ_4 - WAL_LOCK_READ_0 + 1 };

struct lock_holder {
	pid_t pid; /* 0: one or more processes that this one cannot see */
	uint32_t shared, exclusive; /* bit (1 << lock_name) for each lock */
};

enum { LOCK_HOLDERS_MAX = 1024 };

/* All zeros is the empty list. */
struct locks {
	unsigned count; /* counted in full, ourselves included */
	unsigned listed; /* each process once */
	struct lock_holder list[LOCK_HOLDERS_MAX];
};

/*
 * What the kernel's table says at this moment, of the database at `path` or at
 * the end of the symlink.  Opens none of its files: may be asked beside live
 * SQLite connections, whose locks are in the list too, under our own pid.
 * Processes in other pid namespaces (the host's, seen from a container) are
 * missing; lock_probe() knows more.  Any thread.
 */
int locks_find(const char *path, struct locks *ret_locks, struct err *err);

/* Adds one lock to the list; one of the same process is the same holder. */
void
locks_add(struct locks *locks, pid_t pid, enum lock_name name, bool exclusive);

bool lock_held(const struct lock_holder *holder, enum lock_name name);

/* The next holder of `name` after `previous` (NULL: the first), or NULL. */
const struct lock_holder *locks_next(const struct locks *locks,
    enum lock_name name, const struct lock_holder *previous);

/* The bytes of its file ("" or "-shm" of family_suffix[]) that are the lock. */
struct lock_bytes {
	unsigned file; /* index in family_suffix[] */
	uint64_t first, last;
};
struct lock_bytes lock_bytes_of(enum lock_name name);

#endif
