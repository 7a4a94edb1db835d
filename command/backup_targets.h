/*
 * The databases that the operands of `litesafe backup` lead to, and the set
 * that each of them is.
 *
 * A folder (--recursive, or in a job) leads to all databases below it, a pattern to those
 * that match it: their sets are called as their path below the folder, or
 * below the part of the pattern that is fixed.  Any other operand is one
 * database, whatever it is, and its set has its file's name.
 */
#ifndef COMMAND_BACKUP_TARGETS_H
#define COMMAND_BACKUP_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "command/command.h"
#include "command/tally.h"

enum { BACKUP_TARGETS_MAX = 100000 };

struct backup_target {
	char *path;
	char *set;
	dev_t dev; /* which file it is; ino 0: not known */
	ino_t ino;
	size_t rank; /* of several names for one file the least stays */
};

struct backup_targets {
	struct backup_target *list; /* by set, bytewise */
	size_t count, room;
};

/*
 * What cannot be read, what has a name that no set can have, and an operand
 * that leads to nothing (ERR_ABSENT) are told and counted in the tally.  A
 * file that is found several times is there once, with its path as the first
 * operand leads to it.  ERR_REFUSED when two different databases would be one
 * set; nothing was done then.  Call it before anything of this process has
 * opened a database with SQLite (discover.h).
 */
int backup_targets_find(struct session *session, struct tally *tally,
    struct backup_targets *ret_targets, struct err *err);

void backup_targets_auto(struct backup_targets *targets);

#endif
