/*
 * It is `litesafe verify` of one set, for its newest snapshot, and remembered
 * as that: a verify by hand is a drill, too.
 */
#include "command/run_drill.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/checks.h"
#include "command/verify_repository.h"
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
	return last_ms == 0 ||
	       (double)(now_ms - last_ms) / 1000 >= every_seconds - early;
}

/* 0: never, as far as this machine remembers. */
static int64_t
last_drill(struct session *session, const struct repository *repository,
    const char *set, int64_t now_ms)
{
	AUTO(checks) struct checks checks = { .count = 0 };

	checks_read(session, repository, set, &checks);
	const struct state_check *last =
	    state_checks_last(checks.list, checks.count, STATE_RESTORE, now_ms);
	return last == NULL ? 0 : last->time_ms;
}

int
run_drill(struct session *session, const struct repository *repository,
    struct run_set *set, struct err *err)
{
	const struct verify_request request = {
		.repository = repository,
		.set = set->name,
		.newest_only = true,
	};
	struct options *options = &session->options;
	int64_t now_ms = clock_now_ms();

	if (options->drill <= 0 ||
	    !run_drill_is_due(options->drill,
		last_drill(session, repository, set->name, now_ms), now_ms))
		return 0;
	if (options->dry_run) {
		say_line(&session->say, "%s: would be restored to scratch",
		    set->name);
		return 0;
	}
	options->verify_level = VERIFY_RESTORE;
	options->verify_check = options->drill_check;
	int rc = verify_snapshots(session, &request, err);
	set->drill = rc < 0 ? RUN_DRILL_FAILED : RUN_DRILL_OK;
	return rc;
}
