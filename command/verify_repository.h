/*
 * verify -r: one answer for each snapshot, and for what belongs to none.
 */
#ifndef COMMAND_VERIFY_REPOSITORY_H
#define COMMAND_VERIFY_REPOSITORY_H

#include <stdbool.h>

#include "base/err.h"
#include "command/command.h"
#include "repository/repository.h"

struct verify_request {
	const struct repository *repository;
	const char *set; /* NULL: all */
	bool newest_only; /* of the set: the newest, and what it needs */
};

/*
 * As the options --level, --check and --all say.  Tells everything; -1 with the
 * worst of it, which was told.  What could not be remembered is a warning.
 */
int verify_snapshots(struct session *session,
    const struct verify_request *request, struct err *err);

/* The same for what the operands of `litesafe verify` name. */
int verify_repository(struct session *session, struct err *err);

#endif
