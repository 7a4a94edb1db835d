/*
 * It is `litesafe verify` of one set, for its newest snapshot, and remembered
 * as that, too.
 */
#include "command/run_drill.h"

#include <limits.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/verify_repository.h"
#include "command/where.h"
#include "repository/state_drill.h"
#include "restore/verify.h"

static const double early_share = 0.1, early_most = 3600;

bool
run_drill_is_due(double every_seconds, int64_t last_ms, int64_t now_ms)
{
	double early = every_seconds * early_share;

	if (every_seconds <= 0)
		return false;
	if (early > early_most)
		early = early_most;
	return last_ms == 0 || last_ms > now_ms ||
	       (double)(now_ms - last_ms) / 1000 >= every_seconds - early;
}

/* 0 when there is no state: then it is made each time. */
static int64_t
last_passed(struct session *session, const struct repository *repository,
    const char *set, struct state *ret_state, bool *ret_remembers)
{
	char base[PATH_MAX];
	struct err err;

	*ret_remembers =
	    where_state(session, base, &err) == 0 &&
	    state_open(base, repository, set, ret_state, &err) == 0;
	if (*ret_remembers)
		return state_drill_last(ret_state);
	where_state_missed(session, "when a drill was made is not known", &err);
	return 0;
}

typedef int
remember_drill(const struct state *state, int64_t time_ms, struct err *err);

static void
remember(struct session *session, const struct state *state,
    remember_drill *drill, int64_t now_ms)
{
	struct err err;

	if (drill(state, now_ms, &err) < 0)
		where_state_missed(
		    session, "that a drill was made is not remembered", &err);
}

int
run_drill(struct session *session, const struct repository *repository,
    struct run_set *set, struct err *err)
{
	struct options *options = &session->options;
	const struct verify_request request = {
		.repository = repository,
		.set = set->name,
		.newest_only = true,
	};
	int64_t now_ms = clock_now_ms();
	AUTO(state) struct state state = STATE_CLOSED;
	bool remembers;

	if (options->drill <= 0 ||
	    !run_drill_is_due(options->drill,
		last_passed(session, repository, set->name, &state, &remembers),
		now_ms))
		return 0;
	if (options->dry_run) {
		say_line(&session->say, "%s: would be restored to scratch",
		    set->name);
		return 0;
	}
	options->verify_level = VERIFY_RESTORE;
	options->verify_check = options->drill_check;
	if (verify_snapshots(session, &request, err) < 0) {
		set->drill = RUN_DRILL_FAILED;
		/* Else it came to no answer. */
		if (remembers && err->kind == ERR_DAMAGED)
			remember(session, &state, state_drill_failed, now_ms);
		return -1;
	}
	set->drill = RUN_DRILL_OK;
	if (remembers)
		remember(session, &state, state_drill_passed, now_ms);
	return 0;
}
