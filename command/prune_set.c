/*
 * What is told, and what is done, are two walks over one plan: what was said
 * would go is exactly what goes, but for what a backup built on meanwhile.
 */
#include "command/prune_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/units.h"
#include "command/listing.h"
#include "command/where.h"
#include "repository/state.h"

bool
prune_policy_given(const struct options *options)
{
	return options->keep_last > 0 || options->keep_hourly > 0 ||
	       options->keep_daily > 0 || options->keep_weekly > 0 ||
	       options->keep_monthly > 0 || options->keep_yearly > 0 ||
	       options->keep_within > 0;
}

static struct retention_policy
policy_of(const struct options *options)
{
	return (struct retention_policy){
		.last = (unsigned)options->keep_last,
		.hourly = (unsigned)options->keep_hourly,
		.daily = (unsigned)options->keep_daily,
		.weekly = (unsigned)options->keep_weekly,
		.monthly = (unsigned)options->keep_monthly,
		.yearly = (unsigned)options->keep_yearly,
		.within = options->keep_within,
		.grace = options->grace,
	};
}

/* The id of the full that a snapshot descends from; NULL: not known. */
static const char *
chain_of_snapshot(const struct prune_plan *plan, size_t at)
{
	size_t chain = plan->catalog.list[at].chain;

	return chain == SNAPSHOT_NONE ? NULL : plan->catalog.list[chain].id;
}

/* "kept: daily 3 of 7", "goes with chain 7f3a9c2b" */
enum { REASON_BYTES = RETENTION_TEXT_BYTES + 16 };

static void
reason_of(const struct prune_plan *plan, size_t at, char ret_text[REASON_BYTES])
{
	const char *chain = chain_of_snapshot(plan, at);
	char words[RETENTION_TEXT_BYTES];

	if (prune_plan_goes(plan, at)) {
		(void)snprintf(ret_text, REASON_BYTES, "goes with chain %.8s",
		    chain == NULL ? "unknown" : chain);
		return;
	}
	retention_words(&plan->verdicts[at], words);
	(void)snprintf(ret_text, REASON_BYTES, "kept: %s", words);
}

static void
verdict_json(struct say *say, const struct prune_plan *plan, size_t at)
{
	const struct snapshot *snapshot = &plan->catalog.list[at];
	char time[CLOCK_TEXT_BYTES], words[RETENTION_TEXT_BYTES];
	struct json json;

	clock_format(snapshot->time_ms, time);
	retention_words(&plan->verdicts[at], words);
	json_begin(&json, say->out);
	json_put_text(&json, "type", "verdict");
	json_put_text(&json, "set", plan->catalog.set);
	json_put_text(&json, "id", snapshot->id);
	json_put_text(
	    &json, "kind", snapshot->full ? MANIFEST_FULL : MANIFEST_INCREMENT);
	json_put_text(&json, "chain", chain_of_snapshot(plan, at));
	json_put_text(&json, "time", time);
	json_put_size(&json, "archive_bytes", snapshot->archive_bytes);
	json_put_bool(&json, "goes", prune_plan_goes(plan, at));
	json_put_text(&json, "kept", prune_plan_goes(plan, at) ? NULL : words);
	json_end(&json);
}

static void
report_plan(struct say *say, const struct prune_plan *plan)
{
	const struct catalog *catalog = &plan->catalog;
	char reason[REASON_BYTES];

	for (size_t i = 0; i < catalog->count; i++) {
		if (say->json)
			verdict_json(say, plan, i);
		reason_of(plan, i, reason);
		listing_line(say, &catalog->list[i], reason);
	}
	for (size_t i = 0; i < catalog->orphan_count; i++) {
		if (plan->orphan_goes[i])
			say_line(say, "%s  goes: belongs to no snapshot",
			    catalog->orphans[i].file);
		else
			say_detail(say, "%s  kept: belongs to no snapshot yet",
			    catalog->orphans[i].file);
	}
}

static size_t
count_orphans(const struct prune_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->catalog.orphan_count; i++)
		count += plan->orphan_goes[i];
	return count;
}

void
prune_result_json(struct json *json, const struct prune_plan *plan,
    const struct prune_result *result)
{
	json_put_size(json, "goes_bytes", plan->bytes);
	json_put_size(json, "deleted", result->deleted);
	json_put_size(json, "given_back", result->given_back);
	json_put_size(json, "freed_bytes", result->bytes);
	json_end(json);
}

static void
result_json(struct session *session, const struct prune_plan *plan,
    const struct prune_result *result)
{
	struct json json;

	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "prune");
	json_put_text(&json, "set", plan->catalog.set);
	json_put_bool(&json, "dry_run", session->options.dry_run);
	json_put_size(&json, "snapshots", plan->catalog.count);
	json_put_size(&json, "goes", plan->goes);
	json_put_size(&json, "leftovers_deleted", result->leftovers);
	prune_result_json(&json, plan, result);
}

static void
report_result(struct session *session, const struct prune_plan *plan,
    const struct prune_result *result)
{
	struct say *say = &session->say;
	const char *set = plan->catalog.set;
	char size[UNITS_TEXT_BYTES];

	if (say->json)
		result_json(session, plan, result);
	if (session->options.dry_run) {
		units_format_size(plan->bytes, size);
		say_line(say,
		    "%s: %zu of %zu snapshots and %zu leftovers would go, %s; "
		    "nothing was changed",
		    set, plan->goes, plan->catalog.count, count_orphans(plan),
		    size);
		return;
	}
	units_format_size(result->bytes, size);
	say_line(say,
	    "%s: %zu of %zu snapshots and %zu leftovers deleted, %s freed", set,
	    result->deleted, plan->catalog.count, result->leftovers, size);
	if (result->given_back > 0)
		say_line(say,
		    "%s: %zu snapshots stay: a backup had built on them "
		    "meanwhile",
		    set, result->given_back);
}

static int
forget(struct session *session, const struct repository *repository,
    const char *set, struct err *err)
{
	AUTO(catalog) struct catalog catalog = { .count = 0 };
	char base[PATH_MAX];
	AUTO(state) struct state state = STATE_CLOSED;

	if (catalog_read(repository, set, &catalog, err) < 0 ||
	    where_state(session, base, err) < 0 ||
	    state_open(base, repository, set, &state, err) < 0)
		return -1;
	AUTO(free)
	char(*ids)[SNAPSHOT_ID_BYTES] = calloc(catalog.count + 1, sizeof(*ids));
	if (ids == NULL)
		return err_system(err, "list the snapshots of '%s'", set);
	for (size_t i = 0; i < catalog.count; i++)
		memcpy(ids[i], catalog.list[i].id, SNAPSHOT_ID_BYTES);
	return state_checks_retain(&state, ids, catalog.count, err);
}

/* The checks of what is gone are of no use; that they stay does no harm. */
static void
forget_checks(struct session *session, const struct repository *repository,
    const char *set)
{
	struct err err;

	if (forget(session, repository, set, &err) < 0)
		say_warning(&session->say,
		    "the checks of what was deleted are still remembered: %s",
		    err.text);
}

static void
warn_forgotten(struct session *session, const struct err *why)
{
	if (why->kind != ERR_NONE)
		where_state_missed(session,
		    "what verify found damaged is not known here", why);
}

int
prune_set(struct session *session, const struct repository *repository,
    const char *set, struct prune_result *ret_result, struct err *err)
{
	AUTO(prune_plan) struct prune_plan plan = { .goes = 0 };
	const struct retention_policy policy = policy_of(&session->options);
	char base[PATH_MAX];
	struct err why = { .kind = ERR_NONE };
	const struct prune_options options = {
		.repository = repository,
		.set = set,
		.policy = &policy,
		.state = where_state(session, base, &why) == 0 ? base : NULL,
	};

	*ret_result = (struct prune_result){ .deleted = 0 };
	if (prune_plan(&options, &plan, err) < 0)
		return -1;
	warn_forgotten(session, &why);
	warn_forgotten(session, &plan.forgot);
	report_plan(&session->say, &plan);
	int rc =
	    session->options.dry_run
		? 0
		: prune_run(repository, &plan, &session->work, ret_result, err);
	report_result(session, &plan, ret_result);
	if (ret_result->deleted > 0)
		forget_checks(session, repository, set);
	return rc;
}
