/*
 * The drill: now and then the newest snapshot of a set is restored to scratch
 * and checked, so that the day on which it is needed is not the first time.
 */
#ifndef COMMAND_RUN_DRILL_H
#define COMMAND_RUN_DRILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "command/run_sets.h"
#include "repository/repository.h"

/*
 * `last_ms` is when the set passed one last, 0: never; one from the future
 * says that a clock was wrong.  It is due
 * a tenth of its time early, at most an hour: a job that runs each night at
 * about the same time is not to miss every second day.
 */
bool run_drill_is_due(double every_seconds, int64_t last_ms, int64_t now_ms);

/*
 * Where `drill` asks for it and it is due.  -1 with the worst that was found,
 * which was told; set->drill says how it went.
 */
int run_drill(struct session *session, const struct repository *repository,
    struct run_set *set, struct err *err);

#endif
