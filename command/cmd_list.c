/*
 * litesafe list: the sets of a repository, a line for each, or the snapshots
 * of one.  The catalog tells, so nothing of an archive is read.
 */
#include <string.h>

#include "base/auto.h"
#include "base/units.h"
#include "command/checks.h"
#include "command/command.h"
#include "command/json.h"
#include "command/listing.h"
#include "command/where.h"
#include "repository/catalog.h"
#include "repository/repository.h"

/* What is listed, on the way through the repository. */
struct list {
	struct session *session;
	const struct repository *repository;
	unsigned sets;
};

/* Of a set, in numbers. */
struct totals {
	size_t chains, bad, pinned;
	size_t
	    damaged; /* as verify found here, though listed without a fault */
	uint64_t bytes;
};

static struct totals
totals_of(const struct catalog *catalog, const struct checks *checks)
{
	struct totals totals = { .chains = 0 };

	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *s = &catalog->list[i];
		totals.chains += s->full;
		totals.bad += s->faults != SNAPSHOT_GOOD;
		totals.damaged +=
		    s->faults == SNAPSHOT_GOOD && checks_damaged(checks, s->id);
		totals.pinned += s->pinned;
		totals.bytes += s->archive_bytes;
	}
	return totals;
}

static void
set_json(
    struct say *say, const struct catalog *catalog, const struct checks *checks)
{
	const struct totals totals = totals_of(catalog, checks);
	char time[CLOCK_TEXT_BYTES];
	struct json json;

	json_begin(&json, say->out);
	json_put_text(&json, "type", "set");
	json_put_text(&json, "set", catalog->set);
	json_put_size(&json, "snapshots", catalog->count);
	json_put_size(&json, "chains", totals.chains);
	json_put_size(&json, "faulty", totals.bad);
	json_put_size(&json, "damaged", totals.damaged);
	json_put_size(&json, "pinned", totals.pinned);
	json_put_size(&json, "archive_bytes", totals.bytes);
	json_put_size(&json, "leftovers", catalog->orphan_count);
	if (catalog->count > 0) {
		clock_format(catalog->list[catalog->count - 1].time_ms, time);
		json_put_text(&json, "newest", time);
	} else {
		json_put_null(&json, "newest");
	}
	json_end(&json);
}

static void
snapshots_json(
    struct say *say, const struct catalog *catalog, const struct checks *checks)
{
	struct json json;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct listing listing = {
			.catalog = catalog,
			.snapshot = &catalog->list[i],
			.checks = checks,
		};
		listing_json(&json, say, &listing);
		json_end(&json);
	}
}

/* "pinned; never verified; unchanged at TIME; archive is missing" */
static void
snapshot_line(struct say *say, const struct snapshot *snapshot,
    const struct checks *checks)
{
	const struct state_check *same = checks_unchanged(checks, snapshot->id);
	char check[CHECKS_TEXT_BYTES], faults[LISTING_FAULTS_BYTES],
	    time[LISTING_TIME_BYTES] = "",
	    tail[CHECKS_TEXT_BYTES + LISTING_FAULTS_BYTES + 80];

	checks_words(checks_newest(checks, snapshot->id), check);
	listing_faults(snapshot->faults, faults);
	if (same != NULL)
		listing_time(same->time_ms, time);
	(void)snprintf(tail, sizeof(tail), "%s%s%s%s%s%s",
	    snapshot->pinned ? "pinned; " : "", check,
	    same == NULL ? "" : "; unchanged at ", time,
	    faults[0] == '\0' ? "" : "; ", faults);
	listing_line(say, snapshot, tail);
}

/* The newest snapshot that was verified at all. */
static const struct state_check *
last_check(const struct catalog *catalog, const struct checks *checks)
{
	for (size_t i = catalog->count; i > 0; i--) {
		const struct state_check *check =
		    checks_newest(checks, catalog->list[i - 1].id);
		if (check != NULL)
			return check;
	}
	return NULL;
}

static void
set_line(
    struct say *say, const struct catalog *catalog, const struct checks *checks)
{
	const struct totals totals = totals_of(catalog, checks);
	char time[LISTING_TIME_BYTES], size[UNITS_TEXT_BYTES],
	    check[CHECKS_TEXT_BYTES];

	if (catalog->count == 0) {
		say_line(say, "%s: no snapshot", catalog->set);
		return;
	}
	listing_time(catalog->list[catalog->count - 1].time_ms, time);
	units_format_size(totals.bytes, size);
	checks_words(last_check(catalog, checks), check);
	say_line(say, "%s: %zu snapshot%s in %zu chain%s, newest %s, %s, %s",
	    catalog->set, catalog->count, catalog->count == 1 ? "" : "s",
	    totals.chains, totals.chains == 1 ? "" : "s", time, size, check);
}

static void
warn_of_faults(
    struct say *say, const struct catalog *catalog, const struct checks *checks)
{
	const struct totals totals = totals_of(catalog, checks);

	if (totals.bad > 0)
		say_warning(say,
		    "set '%s': %zu of %zu snapshots cannot be restored",
		    catalog->set, totals.bad, catalog->count);
	if (totals.damaged > 0)
		say_warning(say,
		    "set '%s': %zu of %zu snapshots were damaged when they "
		    "were verified last",
		    catalog->set, totals.damaged, catalog->count);
}

/* One set, as it was asked for; repository_sets(). */
static int
list_set(void *ctx, const char *set, struct err *err)
{
	struct list *list = ctx;
	struct session *session = list->session;
	struct say *say = &session->say;
	AUTO(catalog) struct catalog catalog = { .count = 0 };
	AUTO(checks) struct checks checks = { .count = 0 };

	if (catalog_read(list->repository, set, &catalog, err) < 0)
		return -1;
	checks_read(session, list->repository, set, &checks);
	list->sets++;
	if (say->json) {
		set_json(say, &catalog, &checks);
		snapshots_json(say, &catalog, &checks);
	} else if (session->options.operand_count == 0) {
		set_line(say, &catalog, &checks);
	} else {
		for (size_t i = 0; i < catalog.count; i++)
			snapshot_line(say, &catalog.list[i], &checks);
	}
	warn_of_faults(say, &catalog, &checks);
	return 0;
}

int
cmd_list(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct repository repository;
	struct list list = { .session = session, .repository = &repository };

	if (command_operands(session, 0, 1, err) < 0 ||
	    where_repository(session, &repository, err) < 0)
		return -1;
	if (options->operand_count == 1)
		return list_set(&list, options->operands[0], err);
	if (repository_sets(&repository, list_set, &list, err) < 0)
		return -1;
	if (list.sets == 0)
		say_line(&session->say, "repository '%s' holds no set yet",
		    repository.path);
	return 0;
}
