/*
 * The checkpoint after a backup, by the rules of checkpoint_rule.h.
 *
 * In:  a source whose pin was released and closed, and what the pin cost.
 * Out: whether the WAL is written back now, or why not.  There is no error: a
 *      backup does not fail because of it.
 * Always true: it is made by connections of its own, never by the one that
 *      captured; a checkpoint counts only when SQLite says that every frame of
 *      the WAL is in the main file; side files that were there stay.
 * A blocking mode, and a passive one that must keep writers out, ends when its
 * budget is over: what SQLite did until then is void, and nothing is lost.
 * Owner's thread.
 */
#ifndef DATABASE_CHECKPOINT_H
#define DATABASE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/work.h"
#include "database/checkpoint_rule.h"
#include "database/source.h"

struct checkpoint_options {
	enum checkpoint_mode mode;
	double budget_seconds; /* 0: none; see CHECKPOINT_GUARD_SECONDS */
	uint32_t writer; /* header.writer_version of the pinned state */
	uint64_t owed_before, owed_after; /* frames, see checkpoint_facts */
	const struct work *work; /* a stop request ends it; may be NULL */
};

/* How long a guarded checkpoint keeps writers waiting without a budget. */
enum { CHECKPOINT_GUARD_SECONDS = 1 };

struct checkpoint_result {
	bool done;
	bool missed; /* asked for by name and not done: the user hears of it */
	char reason[CHECKPOINT_REASON_MAX]; /* may be empty when done */
};

void checkpoint_run(const struct source *source,
    const struct checkpoint_options *options,
    struct checkpoint_result *ret_result);

#endif
