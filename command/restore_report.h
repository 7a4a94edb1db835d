/*
 * What a restore came to, in words and as an object: what came back and from
 * when, what was put aside, and how to undo it.
 */
#ifndef COMMAND_RESTORE_REPORT_H
#define COMMAND_RESTORE_REPORT_H

#include "command/command.h"
#include "restore/recall.h"
#include "restore/restore.h"

struct restore_report {
	const char *archive; /* as it was named; NULL: from a repository */
	const struct recall *recall; /* the plan then; else NULL */
	int64_t at_ms; /* what --at means; 0: was not given */
	const struct restore_result *result;
};

/* It was restored. */
void restore_report_done(
    struct session *session, const struct restore_report *report);

/* It was not: what was found, and what lies elsewhere now all the same. */
void restore_report_failure(
    struct session *session, const struct restore_report *report);

/* It would be restored; nothing was done. */
void restore_report_plan(struct session *session,
    const struct restore_report *report,
    const struct restore_foreseen *foreseen);

#endif
