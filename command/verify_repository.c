/*
 * A report is told when it comes, so that a long run shows where it is.  Which
 * snapshots a damaged one takes with it is said twice: below the damaged one,
 * all of them; and each of them is reported itself.
 */
#include "command/verify_repository.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/units.h"
#include "command/assertions.h"
#include "command/listing.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/verify_report.h"
#include "command/where.h"
#include "command/worst.h"
#include "restore/affected.h"
#include "restore/audit.h"

/* What the reports go through. */
struct telling {
	struct session *session;
	struct progress progress;
	bool asked; /* what is to be asserted, of a snapshot at least */
	struct err worst;
};

static void
begin(void *ctx)
{
	struct telling *telling = ctx;

	telling->progress = (struct progress)PROGRESS_NONE;
	progress_begin(&telling->progress, &telling->session->options,
	    &telling->session->work);
}

/* NULL: the report is about something else. */
static const struct snapshot *
snapshot_of(const struct audit_report *report)
{
	return report->at == SNAPSHOT_NONE ? NULL
					   : &report->catalog->list[report->at];
}

/* "app.db 7f3a...", "app.db/20261120T231500Z-full-7f3a9c2b.tar.zst", ... */
static void
object_words(const struct audit_report *report, char *ret_text, size_t size)
{
	const struct snapshot *snapshot = snapshot_of(report);

	if (report->set == NULL)
		(void)snprintf(ret_text, size, "%s", report->object);
	else if (snapshot == NULL)
		(void)snprintf(
		    ret_text, size, "%s/%s", report->set, report->object);
	else if (snapshot->id[0] == '\0')
		(void)snprintf(
		    ret_text, size, "%s/%s.json", report->set, snapshot->name);
	else
		(void)snprintf(
		    ret_text, size, "%s %s", report->set, snapshot->id);
}

static void
put_snapshot(struct json *json, const struct catalog *catalog,
    const struct snapshot *snapshot)
{
	char path[PATH_MAX], time[CLOCK_TEXT_BYTES];

	catalog_path(catalog, snapshot, SNAPSHOT_ARCHIVE, path, sizeof(path));
	json_put_text(json, "archive", path);
	if (snapshot->id[0] == '\0') {
		json_put_null(json, "id");
		return;
	}
	clock_format(snapshot->time_ms, time);
	json_put_text(json, "id", snapshot->id);
	json_put_text(json, "kind", snapshot->full ? "full" : "increment");
	json_put_text(json, "parent", snapshot->full ? NULL : snapshot->parent);
	json_put_text(json, "time", time);
	json_put_size(json, "archive_bytes", snapshot->archive_bytes);
	if (snapshot->page_size > 0)
		json_put_size(json, "page_size", snapshot->page_size);
	json_put_size(json, "page_count", snapshot->page_count);
	json_put_size(json, "pages_stored", snapshot->pages_stored);
}

/* Which snapshots cannot be restored because of this one; itself, too. */
static void
put_affected(struct json *json, const struct audit_report *report)
{
	const struct catalog *catalog = report->catalog;

	json_open_array(json, "affects");
	for (size_t i = 0; report->culprit && i < catalog->count; i++)
		if (affected_by(catalog, i, report->at))
			json_put_text(json, NULL, catalog->list[i].id);
	json_close(json);
}

static void
report_json(struct session *session, const struct audit_report *report)
{
	const struct snapshot *snapshot = snapshot_of(report);
	struct json json;

	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "verify");
	json_put_text(&json, "set", report->set);
	if (snapshot != NULL)
		put_snapshot(&json, report->catalog, snapshot);
	else
		json_put_text(&json, "object", report->object);
	verify_put_answer(&json, &session->options,
	    report->error == NULL
		? verify_answer_name(report->answer, report->asserted)
		: NULL,
	    report->level);
	report_findings_json(&json, report->findings);
	if (report->asserted != NULL)
		assertions_put(&json, report->asserted);
	if (snapshot != NULL)
		put_affected(&json, report);
	json_put_seconds(&json, "seconds", report->seconds);
	if (report->error != NULL)
		json_put_text(&json, "error", report->error->text);
	json_end(&json);
	(void)fflush(session->say.out);
}

/*
 * Its own archive is right, and what it needs is told of itself: one line says
 * all there is to say, or a damaged full would drown in its descendants.
 */
static bool
only_inherits(const struct audit_report *report)
{
	const struct snapshot *snapshot = snapshot_of(report);

	return snapshot != NULL && report->answer == VERIFY_DAMAGED &&
	       !report->culprit && report->findings->damaged == 1 &&
	       (snapshot->faults & SNAPSHOT_BAD_ANCESTOR) != 0 &&
	       (snapshot->faults & SNAPSHOT_NO_PARENT) == 0;
}

/* The first line of it. */
static void
say_answer(struct session *session, const struct audit_report *report,
    const char *object)
{
	const struct snapshot *snapshot = snapshot_of(report);
	struct say *say = &session->say;
	char took[UNITS_TEXT_BYTES], time[LISTING_TIME_BYTES] = "";

	units_format_duration(report->seconds, took);
	if (snapshot != NULL)
		listing_time(snapshot->time_ms, time);
	switch (report->answer) {
	case VERIFY_OK:
		assert(snapshot != NULL); /* nothing else is ever ok */
		say_line(say, "%s: %s (%s; %s, %llu page%s, %s)", object,
		    verify_ok_words(report->asserted),
		    verify_what_was_done(&session->options, report->level),
		    time, (unsigned long long)snapshot->pages_stored,
		    snapshot->pages_stored == 1 ? "" : "s", took);
		break;
	case VERIFY_DAMAGED:
		if (only_inherits(report)) {
			say_line(say, "%s: damaged (%s; %s)", object,
			    report->findings->list[0].text, time);
			break;
		}
		say_line(say, "%s: damaged (%u finding%s%s%s)", object,
		    report->findings->damaged,
		    report->findings->damaged == 1 ? "" : "s",
		    time[0] == '\0' ? "" : "; ", time);
		break;
	case VERIFY_UNVERIFIABLE:
		say_line(say, "%s: cannot be checked%s%s", object,
		    time[0] == '\0' ? "" : "; ", time);
		break;
	}
}

static void
say_affected(struct say *say, const struct audit_report *report)
{
	const struct catalog *catalog = report->catalog;

	for (size_t i = 0; report->culprit && i < catalog->count; i++)
		if (i != report->at && affected_by(catalog, i, report->at))
			say_line(say, "  needed by: %s", catalog->list[i].id);
}

static void
judge_assertions(struct telling *telling, const struct audit_report *report,
    const char *object)
{
	struct err one = { .kind = ERR_NONE };

	if (report->asserted == NULL)
		return;
	telling->asked = telling->asked || report->asserted->count > 0;
	if (assertions_judge(report->asserted, object, &one) < 0)
		(void)worst_tell(telling->session, &telling->worst, &one);
}

/* What is no snapshot is nothing that discard could be given. */
static int
hint_to_begin_anew(const struct audit_report *report, struct err *err)
{
	static const char anew[] =
	    "do not count on what needs it: 'litesafe backup --full' begins "
	    "anew";
	const char *id = report->at == SNAPSHOT_NONE
			     ? ""
			     : report->catalog->list[report->at].id;

	if (id[0] == '\0')
		return err_hint(err, "%s", anew);
	return err_hint(err, "%s; then remove it: %s %s", anew,
	    catalog_command(report->catalog, "discard").text, id);
}

static void
judge(struct telling *telling, const struct audit_report *report,
    const char *object)
{
	struct err one = { .kind = ERR_NONE };

	switch (report->answer) {
	case VERIFY_OK:
		return;
	case VERIFY_DAMAGED:
		(void)err_set(&one, ERR_DAMAGED, 0, "%s is damaged: %s", object,
		    report_first(report->findings, FINDING_DAMAGED).text);
		if (report->culprit)
			(void)hint_to_begin_anew(report, &one);
		else if (report->level == VERIFY_RESTORE)
			(void)err_hint(&one,
			    "every stored byte is right: the database was "
			    "damaged when it was backed up; look at it (PRAGMA "
			    "integrity_check), or restore an earlier state");
		(void)worst_tell(telling->session, &telling->worst, &one);
		return;
	case VERIFY_UNVERIFIABLE:
		break;
	}
	say_warning(&telling->session->say, "%s cannot be checked: %s", object,
	    report_first(report->findings, FINDING_UNVERIFIABLE).text);
}

static void
tell(void *ctx, const struct audit_report *report)
{
	struct telling *telling = ctx;
	struct session *session = telling->session;
	char object[PATH_MAX + MEMBER_NAME_MAX];

	progress_auto(&telling->progress);
	telling->progress = (struct progress)PROGRESS_NONE;
	object_words(report, object, sizeof(object));
	if (session->say.json)
		report_json(session, report);
	if (report->error != NULL) {
		struct err one = *report->error;
		if (one.kind != ERR_STOPPED)
			(void)err_within(&one, "%s", object);
		(void)worst_tell(session, &telling->worst, &one);
		return;
	}
	say_answer(session, report, object);
	if (only_inherits(report) && telling->worst.kind == ERR_DAMAGED)
		return;
	report_findings(&session->say, report->findings);
	if (report->asserted != NULL)
		assertions_say(&session->say, report->asserted);
	if (snapshot_of(report) != NULL)
		say_affected(&session->say, report);
	judge(telling, report, object);
	judge_assertions(telling, report, object);
}

/* Where results are remembered; NULL when there is no place. */
static const char *
find_state(struct session *session, char ret_base[PATH_MAX])
{
	struct err err = { 0 };

	if (where_state(session, ret_base, &err) == 0)
		return ret_base;
	say_warning(&session->say, "results are not remembered: %s", err.text);
	return NULL;
}

static int
audit(struct telling *telling, const struct verify_request *request,
    struct err *err)
{
	struct session *session = telling->session;
	const struct options *options = &session->options;
	const struct assertions assertions = assertions_wanted(options);
	char state[PATH_MAX];
	const struct audit_options audit = {
		.repository = request->repository,
		.set = request->set,
		.newest_only = request->newest_only,
		.state = find_state(session, state),
		.level = (enum verify_level)options->verify_level,
		.all = options->all,
		.check = (enum integrity_level)options->verify_check,
		.assertions = &assertions,
		.scratch = command_scratch(options),
		.threads = command_threads(options),
		.work = &session->work,
		.begin = begin,
		.report = tell,
		.ctx = telling,
	};
	struct audit_result result;

	int rc = audit_run(&audit, &result, err);
	progress_auto(&telling->progress);
	telling->progress = (struct progress)PROGRESS_NONE;
	if (result.forgetful)
		say_warning(&session->say, "results are not remembered: %s",
		    result.state.text);
	if (rc == 0 && result.snapshots == 0 && telling->worst.kind == ERR_NONE)
		say_line(&session->say, "%s: no snapshots yet",
		    request->repository->path);
	if (rc == 0 && assertions.count > 0 && !telling->asked &&
	    telling->worst.kind == ERR_NONE)
		return err_set(err, ERR_ABSENT, 0,
		    "nothing could be asserted: no snapshot of '%s' was "
		    "restored",
		    audit.set == NULL ? request->repository->path : audit.set);
	return rc;
}

int
verify_snapshots(struct session *session, const struct verify_request *request,
    struct err *err)
{
	struct telling telling = {
		.session = session,
		.progress = PROGRESS_NONE,
	};
	struct err one = { .kind = ERR_NONE };

	if (audit(&telling, request, &one) < 0)
		(void)worst_tell(session, &telling.worst, &one);
	if (telling.worst.kind == ERR_NONE)
		return 0;
	*err = telling.worst;
	return -1;
}

int
verify_repository(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct repository repository;
	const struct verify_request request = {
		.repository = &repository,
		.set =
		    options->operand_count == 0 ? NULL : options->operands[0],
	};

	if (command_operands(session, 0, 1, err) < 0 ||
	    where_repository(session, &repository, err) < 0 ||
	    assertions_name_set(options, err) < 0)
		return -1;
	return verify_snapshots(session, &request, err);
}
