/*
 * One set is pruned by the rules of this run's options, and told of.
 */
#ifndef COMMAND_PRUNE_SET_H
#define COMMAND_PRUNE_SET_H

#include <stdbool.h>

#include "base/err.h"
#include "command/command.h"
#include "command/json.h"
#include "repository/prune.h"
#include "repository/repository.h"

/* Whether the options say anything of what to keep: else nothing may go. */
bool prune_policy_given(const struct options *options);

/* The last fields of what a plan came to, and the end of the object. */
void prune_result_json(struct json *json, const struct prune_plan *plan,
    const struct prune_result *result);

/*
 * Reports the verdict on each snapshot, then what was done; with --dry-run
 * nothing is.  *ret_result is right also after a failure.
 */
int prune_set(struct session *session, const struct repository *repository,
    const char *set, struct prune_result *ret_result, struct err *err);

#endif
