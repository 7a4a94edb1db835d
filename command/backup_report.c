/*
 * One line for people, which -v explains; one object for programs.
 */
#include "command/backup_report.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "command/pipe.h"
#include "command/report.h"
#include "command/units.h"

static const char *
verified(const struct options *options, const struct backup_result *result)
{
	if (!result->proved)
		return "none";
	return options->prove == PROVE_STORED ? "stored" : "restore";
}

/* What is told of the archive's place: a path, or "-". */
static const char *
archive_path(const struct options *options, const struct backup_result *result)
{
	return result->archive[0] != '\0' ? result->archive : options->output;
}

static void
report_json(struct session *session, const struct backup_result *result)
{
	const struct report_snapshot snapshot = {
		.manifest = &result->manifest,
		.archive = archive_path(&session->options, result),
		.archive_bytes = result->file.bytes,
		.verified = verified(&session->options, result),
	};
	struct json json;

	report_snapshot(&json, &session->say, &snapshot);
	json_put_size(&json, "busy_retries", result->busy_retries);
	json_put_bool(&json, "spooled", result->spooled);
	if (manifest_is_increment(&result->manifest))
		json_put_size(&json, "pages_summed", result->pages_summed);
	if (result->full_because[0] != '\0')
		json_put_text(&json, "full_because", result->full_because);
	if (result->evidence != NULL)
		json_put_text(&json, "evidence", result->evidence);
	json_put_seconds(&json, "seconds", result->seconds);
	json_end(&json);
}

/* Why what this machine remembers did not do. */
static void
report_scan(struct say *say, const struct backup_result *result)
{
	if (result->scan_because != NULL)
		say_detail(say, "  pages      were read because %s",
		    result->scan_because);
}

/* How that is known. */
static void
format_evidence(const struct backup_result *result, char *ret_text, size_t size)
{
	char took[UNITS_TEXT_BYTES];
	const char *known = "every page read and compared in";

	units_format_duration(result->seconds, took);
	if (strcmp(result->evidence, "wal") == 0)
		known = "its WAL and its file were not written to; no page "
			"read;";
	else if (strcmp(result->evidence, "stat") == 0)
		known = "its file was not written to; no page read;";
	(void)snprintf(ret_text, size, "%s %s", known, took);
}

static void
report_unchanged(struct session *session, const struct backup_result *result)
{
	const struct manifest *m = &result->manifest;
	char known[100];
	struct json json;

	if (session->say.json) {
		json_begin(&json, session->say.out);
		json_put_text(&json, "type", "unchanged");
		json_put_text(&json, "set", m->set);
		json_put_text(&json, "parent", m->parent);
		json_put_text(&json, "evidence", result->evidence);
		json_put_seconds(&json, "pin_seconds", m->pin_seconds);
		json_put_seconds(&json, "seconds", result->seconds);
		json_end(&json);
	}
	format_evidence(result, known, sizeof(known));
	say_line(&session->say,
	    "%s: unchanged since snapshot %s, nothing stored (%s)", m->set,
	    m->parent, known);
	report_scan(&session->say, result);
}

/* "WAL +1.2 MiB": what the application's log gained while it was pinned. */
static void
format_growth(const struct manifest_database *db, char *ret_text, size_t size)
{
	bool grew = db->wal_bytes_after >= db->wal_bytes_before;
	char amount[UNITS_TEXT_BYTES];

	units_format_size(grew ? db->wal_bytes_after - db->wal_bytes_before
			       : db->wal_bytes_before - db->wal_bytes_after,
	    amount);
	(void)snprintf(ret_text, size, "WAL %s%s", grew ? "+" : "-", amount);
}

/* What it cost the application. */
static void
report_bill(struct say *say, const struct manifest_database *db)
{
	const struct manifest_bill *bill = &db->bill;
	char before[UNITS_TEXT_BYTES], after[UNITS_TEXT_BYTES];

	if (strcmp(db->journal_mode, "wal") == 0) {
		units_format_size(db->wal_bytes_before, before);
		units_format_size(db->wal_bytes_after, after);
		say_detail(say,
		    "  WAL        %s, then %s; %llu frames, then %llu, of "
		    "which %llu not checkpointed",
		    before, after, (unsigned long long)bill->wal_frames_before,
		    (unsigned long long)bill->wal_frames_after,
		    (unsigned long long)db->frames_not_checkpointed);
	}
	if (bill->stall_seconds > 0) {
		units_format_duration(bill->stall_seconds, after);
		say_detail(
		    say, "  stall      writers could not commit for %s", after);
	}
	say_detail(say, "  checkpoint %s%s%s%s",
	    bill->checkpoint_done ? bill->checkpoint_mode : "none",
	    bill->checkpoint_done ? ": done" : "",
	    bill->checkpoint_reason[0] == '\0' ? "" : ": ",
	    bill->checkpoint_reason);
}

static void
report_details(
    struct say *say, const struct backup_result *result, unsigned threads)
{
	const struct manifest *m = &result->manifest;
	const struct manifest_database *db = &m->database;
	char time[CLOCK_TEXT_BYTES], root[SHA256_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	sha256_format(db->root, root);
	say_detail(say, "  database   %s", db->path);
	say_detail(say, "  state of   %s", time);
	say_detail(say, "  pages      %u of %u bytes, %.0f a second",
	    db->page_count, db->page_size, report_page_rate(db));
	say_detail(say, "  root       %s", root);
	if (manifest_is_increment(m))
		say_detail(say, "  compared   %u pages by sum, %u by tag",
		    result->pages_summed,
		    db->page_count - result->pages_summed);
	say_detail(
	    say, "  journal    %s, SQLite %s", db->journal_mode, m->sqlite);
	report_bill(say, db);
	report_scan(say, result);
	if (result->evidence != NULL)
		say_detail(
		    say, "  pages      none was read: nothing was written");
	say_detail(
	    say, "  waited     %u times for a lock", result->busy_retries);
	say_detail(say, "  threads    %u", threads);
}

/* "1.0 GiB as 494.1 MiB", and of an increment how many pages that is. */
static void
format_amount(const struct backup_result *result, char *ret_text, size_t size)
{
	const struct manifest_database *db = &result->manifest.database;
	char raw[UNITS_TEXT_BYTES], stored[UNITS_TEXT_BYTES], pages[64] = "";

	if (manifest_is_increment(&result->manifest))
		(void)snprintf(pages, sizeof(pages), "%u of %u pages, ",
		    db->pages_stored, db->page_count);
	units_format_size((uint64_t)db->pages_stored * db->page_size, raw);
	units_format_size(result->file.bytes, stored);
	(void)snprintf(ret_text, size, "%s%s as %s", pages, raw, stored);
}

static void
report_text(struct session *session, const struct backup_result *result)
{
	const struct options *options = &session->options;
	const struct manifest *m = &result->manifest;
	char amount[160], took[UNITS_TEXT_BYTES], pin[UNITS_TEXT_BYTES],
	    wal[48];
	bool pipe = pipe_is_output(options);
	const char *to =
	    options->output == NULL ? options->repository : options->output;

	format_amount(result, amount, sizeof(amount));
	units_format_duration(result->seconds, took);
	units_format_duration(m->pin_seconds, pin);
	format_growth(&m->database, wal, sizeof(wal));
	if (strcmp(m->database.journal_mode, "wal") != 0)
		(void)snprintf(wal, sizeof(wal), "%s",
		    m->database.bill.stall_seconds > 0
			? "writers stopped meanwhile"
			: "no WAL");
	say_line(&session->say,
	    "%s: %s backup %s to %s%s%s: %s in %s, pin %s, %s, "
	    "verified: %s%s",
	    m->set, m->kind, m->id, pipe ? "" : "'",
	    pipe ? "standard output" : to, pipe ? "" : "'", amount, took, pin,
	    wal, verified(options, result),
	    pipe ? " (a pipe cannot be read back)" : "");
}

void
backup_report_notices(
    struct session *session, const struct backup_result *result)
{
	for (unsigned i = 0; i < result->notices; i++)
		say_warning(&session->say, "%s: %s", result->manifest.set,
		    result->notice[i]);
}

void
backup_report(struct session *session, const struct backup_result *result,
    const struct proof *proof)
{
	const struct findings *findings = &proof->result.findings;

	backup_report_notices(session, result);
	if (result->unchanged) {
		report_unchanged(session, result);
		return;
	}
	if (session->say.json)
		report_json(session, result);
	report_text(session, result);
	report_details(&session->say, result, proof->threads);
	if (!result->proved || proof->result.answer != VERIFY_UNVERIFIABLE)
		return;
	report_findings(&session->say, findings);
	say_warning(&session->say,
	    "every page of '%s' was read back, but SQLite cannot check all of "
	    "it here: %s",
	    archive_path(&session->options, result),
	    report_first(findings, FINDING_UNVERIFIABLE).text);
}
