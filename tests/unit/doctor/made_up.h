/*
 * Facts that nobody gathered: a calm WAL database, to be changed by a test.
 */
#ifndef TESTS_UNIT_DOCTOR_MADE_UP_H
#define TESTS_UNIT_DOCTOR_MADE_UP_H

#include "doctor/diagnosis.h"
#include "doctor/facts.h"

extern struct facts made_up;
extern struct holdings made_up_holdings;
extern struct diagnosis found;

/* Criterion's .init: 10 pages of 4096 bytes, closed in good order. */
void made_up_begin(void);

/* It is in use, with an index of 1000 frames, all checkpointed. */
void made_up_in_use(void);

/* Somebody holds a lock, since `seconds`. */
void
made_up_hold(pid_t pid, enum lock_name lock, bool exclusive, double seconds);

/* The finding of `found` with this id, or NULL. */
const struct diagnosed *finding(enum finding_id id);

/* There is such a finding, of this severity and about just this process. */
void expect_finding(enum finding_id id, enum severity severity, pid_t pid);

#endif
