/*
 * When the snapshots of a set were last verified, as this machine remembers
 * it.  Without its state nothing is known and nothing fails.
 */
#ifndef COMMAND_CHECKS_H
#define COMMAND_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "command/command.h"
#include "command/json.h"
#include "repository/repository.h"
#include "repository/state.h"

struct checks {
	struct state_check *list; /* by snapshot, the newest first */
	size_t count;
};

/* What kept the state from being read is a warning, once in a run. */
void checks_read(struct session *session, const struct repository *repository,
    const char *set, struct checks *ret_checks);
void checks_done(struct checks *checks);
void checks_auto(struct checks *checks);

/* The newest check of a snapshot's bytes; NULL: none is remembered. */
const struct state_check *
checks_newest(const struct checks *checks, const char *id);

/* What is stored of it was damaged when it was read last. */
bool checks_damaged(const struct checks *checks, const char *id);

/* When the database was last seen to be still this state; NULL: never. */
const struct state_check *
checks_unchanged(const struct checks *checks, const char *id);

/* "none", "stored" or "restore": as what it last passed. */
const char *checks_passed(const struct checks *checks, const char *id);

/* "restore ok 2026-11-21T02:00:00Z", "never verified". */
enum { CHECKS_TEXT_BYTES = 64 };
void
checks_words(const struct state_check *check, char ret_text[CHECKS_TEXT_BYTES]);

/* "checks":[{"level","result","time"}], the newest first. */
void
checks_json(struct json *json, const struct checks *checks, const char *id);

#endif
