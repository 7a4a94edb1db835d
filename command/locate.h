/*
 * One snapshot of a repository, as operands name it: SET SNAPSHOT, or SNAPSHOT
 * alone where only one set has it.
 */
#ifndef COMMAND_LOCATE_H
#define COMMAND_LOCATE_H

#include <stddef.h>

#include "base/err.h"
#include "command/command.h"
#include "repository/catalog.h"
#include "repository/repository.h"

struct located {
	struct repository repository;
	struct catalog catalog; /* of its set */
	size_t at; /* index in it */
};

/*
 * SNAPSHOT is what catalog_find() takes.  ERR_ABSENT when there is none,
 * ERR_USAGE when there are several (two are named).  Freed with
 * located_done().
 */
int locate_snapshot(
    struct session *session, struct located *ret_located, struct err *err);
void located_done(struct located *located);
void located_auto(struct located *located);

/* located->catalog.list[located->at] */
const struct snapshot *located_snapshot(const struct located *located);

#endif
