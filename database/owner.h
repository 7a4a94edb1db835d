/*
 * Root making files as the owner of a database would.
 *
 * When root opens a WAL database, SQLite creates -wal and -shm as root and
 * gives them to the owner a moment later.  An application that opens them in
 * that moment may only read, and goes on like that: "attempt to write a
 * readonly database".  So this thread takes the owner's identity, as far as
 * the filesystem is concerned, while SQLite makes them (setfsuid(2)).
 *
 * For this room only.
 */
#ifndef DATABASE_OWNER_H
#define DATABASE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "database/source.h"

struct owner {
	bool taken;
	uid_t uid; /* what this thread was before */
	gid_t gid;
};

/*
 * Takes the identity of the source's owner, where we are root, it is somebody
 * else, and it may itself write the database and its folder.  Otherwise
 * nothing changes, and SQLite does as it does.
 */
void owner_take(struct owner *owner, const struct source *source);

/* Gives it back. */
void owner_auto(struct owner *owner);

#endif
