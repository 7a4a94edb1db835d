/*
 * One look at all sets that are asked for: what was found of each, and what
 * could not be looked at.
 */
#ifndef COMMAND_STATUS_ROUND_H
#define COMMAND_STATUS_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "command/command.h"
#include "command/tally.h"
#include "repository/repository.h"
#include "status/facts.h"
#include "status/judge.h"

/* A set; what is to be said of it, status_judge() tells. */
struct status_one {
	size_t place; /* index in the round's */
	const char
	    *job; /* NULL: none asked for it; lives as long as the jobs */
	struct status_limits limits;
	struct status_facts facts;
};

/* A repository. */
struct status_place {
	char *path; /* as it was opened, or named when it could not be */
	bool readable; /* and so was each set in it */
};

struct status_round {
	struct session *session;
	int64_t now_ms;
	struct status_one *list;
	size_t count, room;
	struct status_place *places;
	size_t place_count;
	struct err trouble; /* worst that kept us from looking, told already */
};

/* In a repository: what is asked of which sets. */
struct status_question {
	const struct repository *repository;
	size_t place;
	const char *state; /* see status_request */
	const struct err *state_err;
	const char *job;
	const char *database; /* see status_request */
	struct status_limits limits;
	bool look;
	bool expected; /* a set that is not there is missing; else it is an
			* error */
};

/* Another repository, which is opened; *ret_open is false when it cannot be:
 * that is told, and part of the round.  -1 only when all must end. */
int status_round_open(struct status_round *round, const char *path,
    struct repository *ret_repository, size_t *ret_place, bool *ret_open,
    struct err *err);

/*
 * One set more.  What keeps it from being looked at is told, and part of the
 * round.  -1 only when all must end.
 */
int status_round_add(struct status_round *round,
    const struct status_question *question, const char *set, struct err *err);

/* The last one was not meant. */
void status_round_drop(struct status_round *round);

/* What could not be looked at: a repository, or a set in it. */
struct status_object {
	size_t place;
	const char *set; /* NULL: all of it */
};

/* Tells `one`, which is why; -1 only when all must end. */
int status_round_trouble(struct status_round *round,
    const struct status_object *object, struct err *one, struct err *err);

/* The same of what is in no repository. */
int status_round_failed(struct status_round *round,
    const struct tally_object *object, struct err *one, struct err *err);

void status_round_auto(struct status_round *round);

/* In numbers. */
struct status_counts {
	size_t sets;
	size_t fresh; /* with a warning or without */
	size_t warnings, errors, damaged; /* sets, by the worst of each */
	int64_t oldest_ms; /* the greatest age; STATUS_NEVER: none is known */
	int64_t limit_ms; /* that all have; 0: there is none */
	int64_t verify_oldest_ms, verify_limit_ms; /* the same */
	uint64_t bytes, week_bytes;
};
struct status_counts status_round_counts(const struct status_round *round);

struct status_judging {
	bool strict; /* a warning is not as it should be */
	bool shown; /* the findings were: the error need not repeat one */
};

/*
 * The error that a round is, -1, or 0 when all is as it should be.  Damage is
 * worst, then what could not be looked at, then what is not as it was asked to
 * be.
 */
int status_round_judge(const struct status_round *round,
    const struct status_judging *judging, struct err *err);

#endif
