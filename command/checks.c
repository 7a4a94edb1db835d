/*
 * A sorted list, so that a set of thousands of snapshots is looked up quickly.
 */
#include "command/checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "command/listing.h"
#include "command/where.h"

/*
 * By snapshot, then the newest first, whatever the clock said; of one moment
 * the more thorough.
 */
static int
compare(const void *a, const void *b)
{
	const struct state_check *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (order != 0)
		return order;
	if (x->time_ms != y->time_ms)
		return x->order > y->order ? -1 : 1;
	return (int)y->level - (int)x->level;
}

static int
read_state(const struct session *session, const struct repository *repository,
    const char *set, struct checks *checks, struct err *err)
{
	AUTO(state) struct state state = STATE_CLOSED;
	char base[PATH_MAX];

	if (where_state(session, base, err) < 0 ||
	    state_look(base, repository, set, &state, err) < 0)
		return -1;
	return state_checks_read(&state, &checks->list, &checks->count, err);
}

void
checks_read(struct session *session, const struct repository *repository,
    const char *set, struct checks *ret_checks)
{
	struct err err;

	*ret_checks = (struct checks){ .count = 0 };
	if (read_state(session, repository, set, ret_checks, &err) < 0) {
		where_state_missed(
		    session, "what was verified is not known", &err);
		return;
	}
	if (ret_checks->count > 0)
		qsort(ret_checks->list, ret_checks->count,
		    sizeof(ret_checks->list[0]), compare);
}

void
checks_done(struct checks *checks)
{
	free(checks->list);
	*checks = (struct checks){ .count = 0 };
}

void
checks_auto(struct checks *checks)
{
	checks_done(checks);
}

/* The index of the first one of a snapshot, or of what comes after it. */
static size_t
first_of(const struct checks *checks, const char *id)
{
	size_t low = 0, high = checks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(checks->list[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_of(const struct checks *checks, size_t at, const char *id)
{
	return at < checks->count && strcmp(checks->list[at].id, id) == 0;
}

const struct state_check *
checks_newest(const struct checks *checks, const char *id)
{
	for (size_t at = first_of(checks, id); is_of(checks, at, id); at++) {
		if (checks->list[at].level != STATE_UNCHANGED)
			return &checks->list[at];
	}
	return NULL;
}

bool
checks_damaged(const struct checks *checks, const char *id)
{
	size_t first = first_of(checks, id), count = 0;

	while (is_of(checks, first + count, id))
		count++;
	return count > 0 &&
	       state_checks_damaged(&checks->list[first], count, id);
}

const struct state_check *
checks_unchanged(const struct checks *checks, const char *id)
{
	for (size_t at = first_of(checks, id); is_of(checks, at, id); at++) {
		if (checks->list[at].level == STATE_UNCHANGED)
			return &checks->list[at];
	}
	return NULL;
}

static const char *
level_name(enum state_level level)
{
	switch (level) {
	case STATE_NONE:
		break;
	case STATE_UNCHANGED:
		return "unchanged";
	case STATE_STORED:
		return "stored";
	case STATE_RESTORE:
		return "restore";
	}
	return "none";
}

/* As "result" of `litesafe verify --json`. */
static const char *
answer_name(enum state_answer answer)
{
	switch (answer) {
	case STATE_OK:
		return "ok";
	case STATE_DAMAGED:
		return "damaged";
	case STATE_UNVERIFIABLE:
		break;
	}
	return "unverifiable";
}

/* What SQLite could not check was read and compared all the same. */
static enum state_level
passed(const struct state_check *check)
{
	if (check->level == STATE_UNCHANGED)
		return STATE_NONE;
	if (check->answer == STATE_UNVERIFIABLE)
		return STATE_STORED;
	return check->answer == STATE_OK ? check->level : STATE_NONE;
}

const char *
checks_passed(const struct checks *checks, const char *id)
{
	enum state_level best = STATE_NONE;

	for (size_t at = first_of(checks, id); is_of(checks, at, id); at++) {
		/* What was right before it was found damaged says nothing. */
		if (checks->list[at].answer == STATE_DAMAGED)
			break;
		if (passed(&checks->list[at]) > best)
			best = passed(&checks->list[at]);
	}
	return level_name(best);
}

void
checks_words(const struct state_check *check, char ret_text[CHECKS_TEXT_BYTES])
{
	char time[LISTING_TIME_BYTES];

	if (check == NULL) {
		(void)snprintf(ret_text, CHECKS_TEXT_BYTES, "never verified");
		return;
	}
	listing_time(check->time_ms, time);
	(void)snprintf(ret_text, CHECKS_TEXT_BYTES, "%s %s %s",
	    level_name(check->level),
	    check->answer == STATE_UNVERIFIABLE ? "cannot be checked"
						: answer_name(check->answer),
	    time);
}

void
checks_json(struct json *json, const struct checks *checks, const char *id)
{
	char time[CLOCK_TEXT_BYTES];

	json_open_array(json, "checks");
	for (size_t at = first_of(checks, id); is_of(checks, at, id); at++) {
		const struct state_check *check = &checks->list[at];
		clock_format(check->time_ms, time);
		json_open_object(json, NULL);
		json_put_text(json, "level", level_name(check->level));
		json_put_text(json, "result", answer_name(check->answer));
		json_put_text(json, "time", time);
		json_close(json);
	}
	json_close(json);
}
