/*
 * Who has a database open: by its locks, and by open descriptors.
 *
 * WAL connections hold locks on the -shm and the main file as long as they
 * live; an idle rollback-journal connection holds none, but its descriptor is
 * in /proc/PID/fd.  Processes of other users are only seen there by root;
 * locks are seen by all, in /proc/locks (proc(5)).
 *
 * This only looks at /proc and stat(); it opens none of the database's files,
 * so it may run beside live SQLite connections.
 */
#ifndef DATABASE_OCCUPANTS_H
#define DATABASE_OCCUPANTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/process.h"

enum { OCCUPANTS_MAX = 16 };

struct occupant {
	pid_t pid; /* 0: somewhere this process cannot see */
	bool locks; /* holds a lock on one of the files */
	bool sure; /* else the lock may be on a file of the same numbers */
	bool seen; /* we may look into it, and it has one of them open */
	bool writes; /* ... for writing */
	char command[PROCESS_COMMAND_BYTES]; /* printable; "" when unknown */
};

struct occupants {
	unsigned count; /* counted in full, ourselves left out */
	unsigned listed;
	struct occupant list[OCCUPANTS_MAX];
};

/* Looks at PATH, PATH-wal, PATH-shm and PATH-journal, as far as they exist. */
int occupants_find(
    const char *path, struct occupants *ret_occupants, struct err *err);

/* Of those listed, only who is wanted is left, and counted. */
void occupants_keep(
    struct occupants *occupants, bool (*wanted)(const struct occupant *));

/* For messages: "process 71 (app), process 80 (worker) and 3 more". */
enum { OCCUPANTS_TEXT = 480 };
void occupants_text(
    const struct occupants *occupants, char ret_text[OCCUPANTS_TEXT]);

#endif
