/*
 * When a set passed its last drill: the time in the file "drill" of its state;
 * and when one failed that is not made good yet: in the file "drill-failed".
 *
 * Not a check of a snapshot (state.h): a restore that was checked without what
 * the operator asserts is none, and a drill whose assertion did not hold is to
 * be repeated, although what is stored is right.
 */
#ifndef REPOSITORY_STATE_DRILL_H
#define REPOSITORY_STATE_DRILL_H

#include <stdint.h>

#include "base/err.h"
#include "repository/state.h"

/* 0: never, as far as is remembered; also when the file cannot be read. */
int64_t state_drill_last(const struct state *state);

/* 0: none since the last that it passed. */
int64_t state_drill_failure(const struct state *state);

/* What failed before is made good. */
int
state_drill_passed(const struct state *state, int64_t time_ms, struct err *err);

int
state_drill_failed(const struct state *state, int64_t time_ms, struct err *err);

#endif
