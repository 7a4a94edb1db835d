/*
 * The first line is the one that cron mails; what a person may type next stands
 * below it.
 */
#include "command/restore_report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/units.h"
#include "command/report.h"
#include "command/restore_undo.h"

static const char *
check_name(int check)
{
	static const char *const names[] = { "none", "quick", "full" };

	return names[check];
}

static const char *
check_done(const struct options *options, const struct restore_result *result)
{
	if (options->restore_check == RESTORE_CHECK_NONE)
		return "every page sum right, not checked by SQLite";
	if (result->findings.unverifiable > 0)
		return "every page sum right, checked by SQLite in part";
	return options->restore_check == RESTORE_CHECK_FULL
		   ? "integrity_check and foreign_key_check ok"
		   : "quick_check ok";
}

static const char *
result_name(const struct restore_result *result)
{
	if (result->findings.damaged > 0)
		return "damaged";
	return result->findings.unverifiable > 0 ? "unverifiable" : "ok";
}

static const struct snapshot *
chosen_of(const struct recall *recall)
{
	return &recall->catalog.list[recall->chosen];
}

static void
put_recall(struct json *json, const struct recall *recall)
{
	const struct snapshot *wanted = &recall->catalog.list[recall->wanted];
	const struct snapshot *chosen = chosen_of(recall);
	char time[CLOCK_TEXT_BYTES];

	clock_format(chosen->time_ms, time);
	json_put_text(json, "set", recall->catalog.set);
	json_put_text(json, "id", chosen->id);
	json_put_text(json, "time", time);
	json_put_text(json, "wanted", wanted->id);
	json_put_bool(json, "fallback", wanted != chosen);
	json_open_array(json, "archives");
	for (size_t i = 0; i < recall->lineage.count; i++)
		json_put_text(json, NULL, recall->lineage.archives[i].path);
	json_close(json);
}

static void
put_contents(struct json *json, const struct manifest *m)
{
	char time[CLOCK_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	json_put_text(json, "set", m->set);
	json_put_text(json, "id", m->id);
	json_put_text(json, "time", time);
}

static void
put_aside(struct json *json, const struct restored *restored)
{
	json_open_array(json, "aside");
	for (unsigned i = 0; i < restored->aside_count; i++) {
		json_open_object(json, NULL);
		json_put_text(json, "from", restored->aside[i].from);
		json_put_text(json, "to", restored->aside[i].to);
		json_close(json);
	}
	json_close(json);
}

static void
put_database(struct json *json, const struct manifest *m,
    const struct restored *restored)
{
	const struct manifest_database *db = manifest_at(m, restored->index);

	json_put_text(json, "database", db->name);
	json_put_size(json, "page_size", db->page_size);
	json_put_size(json, "page_count", db->page_count);
	json_put_size(json, "raw_bytes", report_raw_bytes(db));
}

static void
put_change(struct json *json, const struct restored *restored)
{
	json_put_bool(json, "replaced", restored->replaced);
	json_put_bool(json, "owner_kept", restored->owner_kept);
	put_aside(json, restored);
}

/* Each of those that are or would be restored. */
static void
put_databases(struct json *json, const struct restore_result *result)
{
	const struct manifest *m = &result->contents.manifest;

	json_open_array(json, "databases");
	for (size_t i = 0; i < result->count; i++) {
		const struct restored *restored = &result->databases[i];

		json_open_object(json, NULL);
		if (m->id[0] != '\0')
			put_database(json, m, restored);
		json_put_text(json, "to", restored->path);
		json_put_bool(json, "restored", restored->done);
		put_change(json, restored);
		json_close(json);
	}
	json_close(json);
}

/* The archive that was named, or that of the snapshot. */
static const char *
archive_of(const struct restore_report *report)
{
	if (report->recall == NULL)
		return report->archive;
	return report->recall->lineage.count == 0
		   ? NULL
		   : report->recall->lineage.archives[0].path;
}

static void
begin_json(struct json *json, struct session *session,
    const struct restore_report *report, const char *path, bool restored)
{
	char at[CLOCK_TEXT_BYTES];

	json_begin(json, session->say.out);
	json_put_text(json, "type", "restore");
	json_put_text(json, "archive", archive_of(report));
	json_put_text(json, "to", path);
	json_put_bool(json, "restored", restored);
	if (report->at_ms != 0) {
		clock_format(report->at_ms, at);
		json_put_text(json, "at", at);
	}
}

static void
report_json(
    struct session *session, const struct restore_report *report, bool restored)
{
	const struct options *options = &session->options;
	const struct restore_result *result = report->result;
	const struct manifest *m = &result->contents.manifest;
	struct json json;

	begin_json(&json, session, report,
	    result->path[0] == '\0' ? options->target : result->path, restored);
	json_put_text(&json, "result", result_name(result));
	json_put_text(&json, "check", check_name(options->restore_check));
	report_findings_json(&json, &result->findings);
	if (report->recall != NULL)
		put_recall(&json, report->recall);
	else if (m->id[0] != '\0')
		put_contents(&json, m);
	/* What there is to say of one database stands here, too. */
	if (result->count == 1) {
		if (m->id[0] != '\0')
			put_database(&json, m, &result->databases[0]);
		put_change(&json, &result->databases[0]);
	}
	put_databases(&json, result);
	json_put_seconds(&json, "seconds", result->seconds);
	json_end(&json);
}

/* What was there, and the way back to it. */
static void
say_undo(struct say *say, const struct restored *restored)
{
	AUTO(free) char *undo = restore_undo(restored);

	for (unsigned i = 0; i < restored->aside_count; i++)
		say_line(say, "put aside: '%s' is now '%s'",
		    restored->aside[i].from, restored->aside[i].to);
	if (undo != NULL)
		say_line(say, "undo: %s", undo);
}

/* "'a.tar.zst'", "snapshot 7f3a... of 'app.db' (4 archives)". */
static void
source_words(const struct restore_report *report, char *ret_text, size_t size)
{
	const struct recall *recall = report->recall;

	if (recall == NULL)
		(void)snprintf(ret_text, size, "'%s'", report->archive);
	else
		(void)snprintf(ret_text, size,
		    "snapshot %s of '%s' (%zu archive%s)",
		    chosen_of(recall)->id, recall->catalog.set,
		    recall->lineage.count,
		    recall->lineage.count == 1 ? "" : "s");
}

static uint64_t
restored_bytes(const struct restore_result *result)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < result->count; i++)
		bytes += report_raw_bytes(manifest_at(
		    &result->contents.manifest, result->databases[i].index));
	return bytes;
}

static void
say_restored(struct say *say, const struct restore_result *result, size_t at)
{
	const struct manifest_database *db = manifest_at(
	    &result->contents.manifest, result->databases[at].index);
	char root[SHA256_TEXT_BYTES];

	sha256_format(db->root, root);
	if (result->count > 1)
		say_line(say, "  %s", result->databases[at].path);
	say_detail(
	    say, "  pages      %u of %u bytes", db->page_count, db->page_size);
	say_detail(say, "  root       %s", root);
}

static void
report_text(struct session *session, const struct restore_report *report)
{
	const struct restore_result *result = report->result;
	const struct manifest *m = &result->contents.manifest;
	struct say *say = &session->say;
	char time[CLOCK_TEXT_BYTES], size[UNITS_TEXT_BYTES],
	    took[UNITS_TEXT_BYTES];
	char source[PATH_MAX + 64];

	source_words(report, source, sizeof(source));
	clock_format(m->pin_start_ms, time);
	units_format_size(restored_bytes(result), size);
	units_format_duration(result->seconds, took);
	say_line(say, "%s: restored from %s, the state of %s: %s in %s, %s",
	    result->path, source, time, size, took,
	    check_done(&session->options, result));
	report_findings(say, &result->findings);
	say_detail(say, "  snapshot   %s of '%s'", m->id, m->set);
	for (size_t i = 0; i < result->count; i++)
		say_restored(say, result, i);
	for (size_t i = 0; i < result->count; i++)
		say_undo(say, &result->databases[i]);
}

static void
warn_of_fallback(struct say *say, const struct recall *recall, const char *verb)
{
	const struct snapshot *wanted = &recall->catalog.list[recall->wanted];
	const struct snapshot *chosen = chosen_of(recall);
	char time[CLOCK_TEXT_BYTES];

	if (wanted == chosen)
		return;
	clock_format(chosen->time_ms, time);
	say_warning(say,
	    "%s; snapshot %s of %s, the newest good one before it, %s instead",
	    recall->why.text, chosen->id, time, verb);
}

static void
warn_of_database(struct say *say, const struct restored *restored)
{
	if (restored->absent_meanwhile)
		say_warning(say,
		    "the old database was empty or damaged: it was put aside "
		    "first, and '%s' was absent for a moment",
		    restored->path);
	if (!restored->owner_kept)
		say_warning(say,
		    "'%s' did not get the owner and group that were meant; "
		    "the filesystem or our permissions do not allow it",
		    restored->path);
}

static void
warn(struct say *say, const struct restore_report *report)
{
	const struct restore_result *result = report->result;

	if (report->recall != NULL)
		warn_of_fallback(say, report->recall, "was restored");
	for (size_t i = 0; i < result->count; i++)
		warn_of_database(say, &result->databases[i]);
	if (result->findings.unverifiable > 0)
		say_warning(say,
		    "every page of '%s' is right, but SQLite cannot check all "
		    "of it here: %s",
		    result->path,
		    report_first(&result->findings, FINDING_UNVERIFIABLE).text);
}

void
restore_report_done(
    struct session *session, const struct restore_report *report)
{
	if (session->say.json)
		report_json(session, report, true);
	report_text(session, report);
	warn(&session->say, report);
}

/* What is another now than it was, although not all was done. */
static bool
has_changed(const struct restore_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->databases[i].done ||
		    result->databases[i].aside_count > 0)
			return true;
	return false;
}

static void
warn_of_change(struct say *say, const struct restored *restored)
{
	if (restored->done)
		say_warning(say, "'%s' was restored", restored->path);
	for (unsigned i = 0; i < restored->aside_count; i++)
		say_warning(say, "'%s' was put aside: it is kept as '%s'",
		    restored->aside[i].from, restored->aside[i].to);
}

void
restore_report_failure(
    struct session *session, const struct restore_report *report)
{
	const struct restore_result *result = report->result;
	struct say *say = &session->say;

	if (say->json && (result->findings.listed > 0 || has_changed(result)))
		report_json(session, report, false);
	report_findings(say, &result->findings);
	for (size_t i = 0; i < result->count; i++)
		warn_of_change(say, &result->databases[i]);
}

/* Each archive with its size, from the full one on: the order of the chain. */
static void
say_archives(struct say *say, const struct recall *recall)
{
	for (size_t i = recall->chain.count; i-- > 0;) {
		const struct snapshot *snapshot =
		    &recall->catalog.list[recall->chain.at[i]];
		char size[UNITS_TEXT_BYTES];

		units_format_size(snapshot->archive_bytes, size);
		say_line(
		    say, "  %s, %s", recall->lineage.archives[i].path, size);
	}
}

/* What is there now is kept, and that belongs to what would be changed. */
static void
say_replaced(struct say *say, const struct restore_foreseen *foreseen)
{
	if (foreseen->replaces == 1)
		say_line(
		    say, "  the database that is there now would be put aside");
	else if (foreseen->replaces > 1)
		say_line(say,
		    "  %zu databases that are there now would be put aside",
		    foreseen->replaces);
}

void
restore_report_plan(struct session *session,
    const struct restore_report *report,
    const struct restore_foreseen *foreseen)
{
	const char *path = foreseen->path;
	const struct recall *recall = report->recall;
	const struct manifest *m = &report->result->contents.manifest;
	struct say *say = &session->say;
	char time[CLOCK_TEXT_BYTES], source[PATH_MAX + 64];
	struct json json;

	if (say->json) {
		begin_json(&json, session, report, path, false);
		json_put_bool(&json, "dry_run", true);
		if (recall != NULL)
			put_recall(&json, recall);
		else if (m->id[0] != '\0')
			put_contents(&json, m);
		json_put_size(&json, "replaces", foreseen->replaces);
		json_end(&json);
	}
	source_words(report, source, sizeof(source));
	if (recall == NULL && m->id[0] == '\0') {
		say_line(say, "%s: would be restored from %s", path, source);
		say_replaced(say, foreseen);
		return;
	}
	clock_format(
	    recall == NULL ? m->pin_start_ms : chosen_of(recall)->time_ms,
	    time);
	say_line(say, "%s: would be restored from %s, the state of %s", path,
	    source, time);
	if (recall != NULL)
		say_archives(say, recall);
	say_replaced(say, foreseen);
	if (recall == NULL)
		return;
	warn_of_fallback(say, recall, "would be restored");
}
