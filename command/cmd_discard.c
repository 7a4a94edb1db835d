/*
 * litesafe discard: a damaged snapshot goes, with all that needs it.
 *
 * Whether it is damaged is found out now, from what is stored: what is
 * remembered may be of a disk that has been repaired since.  None of what goes
 * could be restored, so no promise of prune is touched.
 */
#include <limits.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/units.h"
#include "command/command.h"
#include "command/listing.h"
#include "command/locate.h"
#include "command/progress.h"
#include "command/prune_set.h"
#include "command/report.h"
#include "command/where.h"
#include "repository/prune.h"
#include "restore/audit.h"

/* What the audit said of one snapshot. */
struct answer {
	const char *id;
	bool given;
	struct err error; /* ERR_NONE: there was an answer */
	enum verify_answer answer;
	bool culprit;
	struct report_words why;
};

static void
begin(void *ctx)
{
	(void)ctx;
}

static void
take(void *ctx, const struct audit_report *report)
{
	struct answer *answer = ctx;

	if (report->at == SNAPSHOT_NONE ||
	    strcmp(report->catalog->list[report->at].id, answer->id) != 0)
		return;
	answer->given = true;
	answer->answer = report->answer;
	answer->culprit = report->culprit;
	if (report->error != NULL)
		answer->error = *report->error;
	else if (report->answer == VERIFY_DAMAGED)
		answer->why = report_first(report->findings, FINDING_DAMAGED);
}

static int
read_all(struct session *session, const struct located *located,
    struct answer *answer, struct err *err)
{
	const struct options *options = &session->options;
	AUTO(progress) struct progress progress = PROGRESS_NONE;
	char base[PATH_MAX];
	/* What was damaged when last seen is not missed by verify later. */
	bool remembers =
	    !options->dry_run && where_state(session, base, err) == 0;
	const struct audit_options audit = {
		.repository = &located->repository,
		.set = located->catalog.set,
		.state = remembers ? base : NULL,
		.level = VERIFY_STORED,
		.scratch = file_scratch_folder(),
		.threads = command_threads(options),
		.work = &session->work,
		.begin = begin,
		.report = take,
		.ctx = answer,
	};
	struct audit_result result;

	progress_begin(&progress, options, &session->work);
	return audit_run(&audit, &result, err);
}

/* ERR_REFUSED unless it is damaged itself. */
static int
check_damaged(
    struct session *session, const struct located *located, struct err *err)
{
	const char *set = located->catalog.set;
	struct answer answer = { .id = located_snapshot(located)->id };

	if (read_all(session, located, &answer, err) < 0)
		return -1;
	if (answer.error.kind != ERR_NONE) {
		*err = answer.error;
		return -1;
	}
	if (!answer.given)
		return err_set(err, ERR_ABSENT, 0,
		    "set '%s' has no snapshot '%s' any more", set, answer.id);
	if (answer.answer != VERIFY_DAMAGED) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "snapshot '%s' of set '%s' is not damaged: every stored "
		    "byte was read just now",
		    answer.id, set);
		return err_hint(
		    err, "only 'litesafe prune' deletes what can be restored");
	}
	if (!answer.culprit) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "snapshot '%s' of set '%s' is not damaged itself: it "
		    "builds on one that is",
		    answer.id, set);
		return err_hint(err,
		    "discard that one, and this one goes with it; it is named "
		    "by: %s",
		    catalog_command(&located->catalog, "verify").text);
	}
	say_detail(&session->say, "%s %s is damaged: %s", set, answer.id,
	    answer.why.text);
	return 0;
}

static void
report_plan(struct say *say, const struct prune_plan *plan)
{
	const struct catalog *catalog = &plan->catalog;
	char reason[64];

	for (size_t i = 0; i < catalog->count; i++) {
		if (!prune_plan_goes(plan, i))
			continue;
		(void)snprintf(reason, sizeof(reason), "goes: needs %.8s",
		    catalog->list[plan->root[i]].id);
		listing_line(say, &catalog->list[i],
		    plan->root[i] == i ? "goes: damaged" : reason);
	}
}

static void
result_json(struct session *session, const struct prune_plan *plan,
    const struct prune_result *result)
{
	const struct catalog *catalog = &plan->catalog;
	struct json json;

	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "discard");
	json_put_text(&json, "set", catalog->set);
	json_put_bool(&json, "dry_run", session->options.dry_run);
	json_open_array(&json, "snapshots");
	for (size_t i = 0; i < catalog->count; i++)
		if (prune_plan_goes(plan, i))
			json_put_text(&json, NULL, catalog->list[i].id);
	json_close(&json);
	prune_result_json(&json, plan, result);
}

static void
report_result(struct session *session, const struct prune_plan *plan,
    const struct prune_result *result)
{
	struct say *say = &session->say;
	bool dry = session->options.dry_run;
	char size[UNITS_TEXT_BYTES];

	if (say->json)
		result_json(session, plan, result);
	units_format_size(dry ? plan->bytes : result->bytes, size);
	say_line(say, "%s: %zu of %zu snapshots %s, %s%s", plan->catalog.set,
	    dry ? plan->goes : result->deleted, plan->catalog.count,
	    dry ? "would go" : "deleted", size,
	    dry ? "; nothing was changed" : " freed");
	if (result->given_back > 0)
		say_warning(say,
		    "set '%s': %zu snapshots stay: a backup had built on them "
		    "meanwhile, or they were pinned",
		    plan->catalog.set, result->given_back);
	if (plan->goes == plan->catalog.count)
		say_warning(say,
		    "set '%s' %s no snapshot then: run 'litesafe backup' now",
		    plan->catalog.set, dry ? "would have" : "has");
}

int
cmd_discard(struct session *session, struct err *err)
{
	AUTO(located) struct located located = { .at = 0 };
	AUTO(prune_plan) struct prune_plan plan = { .goes = 0 };
	struct prune_result result = { .deleted = 0 };

	if (locate_snapshot(session, &located, err) < 0)
		return -1;
	if (located_snapshot(&located)->id[0] == '\0') {
		(void)catalog_bad_manifest(
		    &located.catalog, located_snapshot(&located), err);
		return err_hint(err,
		    "without it nobody can tell what needs this snapshot; "
		    "bring it back, or move the files of the snapshot out of "
		    "the folder");
	}
	if (check_damaged(session, &located, err) < 0 ||
	    prune_plan_discard(&located.repository, located.catalog.set,
		located_snapshot(&located)->id, &plan, err) < 0)
		return -1;
	report_plan(&session->say, &plan);
	int rc = session->options.dry_run
		     ? 0
		     : prune_run(&located.repository, &plan, &session->work,
			   &result, err);
	report_result(session, &plan, &result);
	return rc;
}
