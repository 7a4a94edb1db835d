/*
 * The file "evidence" of a set's state, in a set of several databases
 * NAME.evidence for each: one line by which a backup may find
 * that nothing changed, and how often it was believed.
 *
 * Always true: the line that is read is one that was kept, whole.  What it says
 * is the business of who kept it.
 */
#ifndef REPOSITORY_STATE_EVIDENCE_H
#define REPOSITORY_STATE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repository/state.h"

/* Of a line, with its NUL. */
enum { STATE_EVIDENCE_BYTES = 2048 };

/*
 * `name` is the database's; NULL: it is alone.
 *
 * The line, and how often state_evidence_used() was called for it; false when
 * there is none that can be believed.
 */
bool state_evidence_read(const struct state *state, const char *name,
    char ret_line[STATE_EVIDENCE_BYTES], uint64_t *ret_used);

/*
 * Replaces the line, which has no end and fits.  In place, and nothing is
 * flushed: whoever dies meanwhile leaves no line that can be believed.
 */
int state_evidence_keep(const struct state *state, const char *name,
    const char *line, struct err *err);

/* Counts one use; flushes nothing. */
int state_evidence_used(
    const struct state *state, const char *name, struct err *err);

#endif
