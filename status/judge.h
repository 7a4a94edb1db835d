/*
 * From facts to findings.  Nothing is looked at but the facts, the limits and
 * the time that is in the facts.
 */
#ifndef STATUS_JUDGE_H
#define STATUS_JUDGE_H

#include <stdint.h>

#include "status/facts.h"
#include "status/verdict.h"

/* What was asked for; 0: nothing was. */
struct status_limits {
	int64_t max_age_ms; /* of the newest state that is stored */
	int64_t max_verify_age_ms; /* since anything of the set was verified */
	int64_t every_ms; /* how often it is backed up */
	int64_t drill_ms; /* how often it is restored to be checked */
};

/*
 * A backup is late when the newest is older than one and a half times `every`,
 * and that is the limit where there is no max_age; a drill is when the last one
 * is older than twice `drill`.
 */
struct verdict status_judge(
    const struct status_facts *facts, const struct status_limits *limits);

/* How old the newest state is that is stored: STATUS_NEVER: there is none. */
int64_t status_age_ms(const struct status_facts *facts);

/* When the next is to be expected: by `every`, else by the rhythm. */
int64_t status_next_ms(
    const struct status_facts *facts, const struct status_limits *limits);

/*
 * The last drill: where drills are asked for, those of a job, which are made
 * with what it asserts; else any restore that was checked, too.
 */
int64_t status_drilled_ms(
    const struct status_facts *facts, const struct status_limits *limits);

/* The limit of the age that counts; 0: there is none. */
int64_t status_limit_ms(const struct status_limits *limits);

#endif
