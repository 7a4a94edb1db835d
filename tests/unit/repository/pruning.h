/*
 * A set for tests of prune, and a prune of it.  Chain A is a-b, chain C is
 * c-d-e, chain F is f-0-1, each younger than the one before.  With `last` 1
 * the first two go.
 */
#ifndef TESTS_UNIT_REPOSITORY_PRUNING_H
#define TESTS_UNIT_REPOSITORY_PRUNING_H

#include <stdbool.h>

#include "repository/prune.h"
#include "repository/snapshot_name.h"

extern struct pruning {
	struct prune_plan plan;
	struct prune_result result;
	const char *state; /* its folder; NULL: none */
	const char *a, *b, *c, *d, *e, *f; /* names */
} pruning;

/* 7 minutes of one day: one snapshot of it is kept. */
extern const struct retention_policy pruning_last_one;

/* A repository with the set, and away with it: .init and .fini. */
void pruning_begin(void);
void pruning_end(void);

/* The set alone, in the repository that is there. */
void pruning_make_set(void);

/* Makes the plan; carries it out; both. */
void pruning_plan(const struct retention_policy *policy);
void pruning_run(void);
void pruning_go(const struct retention_policy *policy);

/* All of a snapshot's files are there, or none of them. */
bool pruning_is_whole(const char *name);
bool pruning_is_gone(const char *name);

void pruning_condemn(const char *name);
void pruning_lose(const char *name, enum snapshot_file file);

#endif
