/*
 * One line for people, which -v explains; one object for programs.
 */
#include "command/backup_report.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "command/pipe.h"
#include "command/report.h"
#include "command/where.h"

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
	if (result->instant) {
		json_put_bool(&json, "instant", true);
		json_put_seconds(&json, "lock_seconds", result->lock_seconds);
		json_put_size(&json, "lock_tries", result->lock_tries);
	}
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

/*
 * "WAL +1.2 MiB": what the application's logs gained while they were pinned and
 * written back; where there is none, what that means for writers.
 */
static void
format_growth(const struct manifest *m, char *ret_text, size_t size)
{
	uint64_t before = 0, after = 0;
	bool any = false, stalled = false;
	char amount[UNITS_TEXT_BYTES];

	for (size_t i = 0; i < manifest_count(m); i++) {
		const struct manifest_database *db = manifest_at(m, i);

		any = any || strcmp(db->journal_mode, "wal") == 0;
		stalled = stalled || db->bill.stall_seconds > 0;
		before += db->wal_bytes_before;
		after += report_wal_end(db);
	}
	units_format_size(
	    after >= before ? after - before : before - after, amount);
	if (any)
		(void)snprintf(ret_text, size, "WAL %s%s",
		    after >= before ? "+" : "-", amount);
	else
		(void)snprintf(ret_text, size, "%s",
		    stalled ? "writers stopped meanwhile" : "no WAL");
}

/* ", 3 databases at one instant" */
static void
format_set(const struct backup_result *result, char *ret_text, size_t size)
{
	size_t count = manifest_count(&result->manifest);

	ret_text[0] = '\0';
	if (count > 1)
		(void)snprintf(ret_text, size, ", %zu databases %s", count,
		    result->instant ? "at one instant" : "one after the other");
}

/* What it cost the application. */
static void
say_bill(struct say *say, const struct manifest_database *db)
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
	if (bill->write_back_seconds > 0) {
		units_format_duration(bill->write_back_seconds, before);
		units_format_size(bill->wal_bytes_at_end, after);
		say_detail(say,
		    "  afterwards %llu frames were written back%s, in %s; then "
		    "WAL %s",
		    (unsigned long long)bill->frames_written_back,
		    bill->frames_written_back > 0 ? ", so that no commit had to"
						  : "",
		    before, after);
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

/* It was pinned all the same, and perhaps checkpointed. */
static void
put_bills(struct json *json, const struct manifest *m)
{
	json_open_array(json, "databases");
	for (size_t i = 0; i < manifest_count(m); i++) {
		json_open_object(json, NULL);
		json_put_text(json, "name", manifest_at(m, i)->name);
		json_put_text(json, "path", manifest_at(m, i)->path);
		report_bill(json, manifest_at(m, i));
		json_close(json);
	}
	json_close(json);
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
		put_bills(&json, m);
		json_put_seconds(&json, "seconds", result->seconds);
		json_end(&json);
	}
	format_evidence(result, known, sizeof(known));
	say_line(&session->say,
	    "%s: unchanged since snapshot %s, nothing stored (%s)", m->set,
	    m->parent, known);
	for (size_t i = 0; i < manifest_count(m); i++) {
		say_detail(
		    &session->say, "  database   %s", manifest_at(m, i)->path);
		say_bill(&session->say, manifest_at(m, i));
	}
	report_scan(&session->say, result);
}

static void
report_database(
    struct say *say, const struct manifest_database *db, bool was_read)
{
	char root[SHA256_TEXT_BYTES],
	    how[80] = "none read: nothing was written";

	if (was_read)
		(void)snprintf(
		    how, sizeof(how), "%.0f a second", report_page_rate(db));

	sha256_format(db->root, root);
	say_detail(say, "  database   %s", db->path);
	say_detail(say, "  pages      %u of %u bytes, %s", db->page_count,
	    db->page_size, how);
	say_detail(say, "  root       %s", root);
	say_detail(say, "  journal    %s", db->journal_mode);
	say_bill(say, db);
}

/* Pages that were looked at for changes. */
static uint64_t
pages_compared(const struct manifest *m)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < manifest_count(m); i++)
		if (manifest_stores_increment(m, manifest_at(m, i)))
			pages += manifest_at(m, i)->page_count;
	return pages;
}

static void
report_details(
    struct say *say, const struct backup_result *result, unsigned threads)
{
	const struct manifest *m = &result->manifest;
	bool was_read = result->evidence == NULL;
	char time[CLOCK_TEXT_BYTES], text[UNITS_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	say_detail(say, "  state of   %s", time);
	for (size_t i = 0; i < manifest_count(m); i++)
		report_database(say, manifest_at(m, i), was_read);
	say_detail(say, "  SQLite     %s", m->sqlite);
	if (result->instant) {
		units_format_duration(result->lock_seconds, text);
		say_detail(say,
		    "  instant    nobody could commit for %s, try %u", text,
		    result->lock_tries);
	}
	if (was_read && manifest_is_increment(m))
		say_detail(say, "  compared   %llu pages by sum, %llu by tag",
		    (unsigned long long)result->pages_summed,
		    (unsigned long long)(pages_compared(m) -
					 result->pages_summed));
	report_scan(say, result);
	say_detail(
	    say, "  waited     %u times for a lock", result->busy_retries);
	say_detail(say, "  threads    %u", threads);
}

/* "1.0 GiB as 494.1 MiB", and of an increment how many pages that is. */
static void
format_amount(const struct backup_result *result, char *ret_text, size_t size)
{
	const struct manifest *m = &result->manifest;
	const struct report_totals totals = report_totals(m);
	char raw[UNITS_TEXT_BYTES], stored[UNITS_TEXT_BYTES], pages[80] = "";

	if (manifest_is_increment(m))
		(void)snprintf(pages, sizeof(pages), "%llu of %llu pages, ",
		    (unsigned long long)totals.pages_stored,
		    (unsigned long long)totals.pages);
	units_format_size(totals.bytes_stored, raw);
	units_format_size(result->file.bytes, stored);
	(void)snprintf(ret_text, size, "%s%s as %s", pages, raw, stored);
}

static void
report_text(struct session *session, const struct backup_result *result)
{
	const struct options *options = &session->options;
	const struct manifest *m = &result->manifest;
	char amount[160], took[UNITS_TEXT_BYTES], pin[UNITS_TEXT_BYTES],
	    wal[48], set[64];
	bool pipe = pipe_is_output(options);
	const char *to =
	    options->output == NULL ? options->repository : options->output;

	format_amount(result, amount, sizeof(amount));
	units_format_duration(result->seconds, took);
	units_format_duration(m->pin_seconds, pin);
	format_growth(m, wal, sizeof(wal));
	format_set(result, set, sizeof(set));
	say_line(&session->say,
	    "%s: %s backup %s to %s%s%s%s: %s in %s, pin %s, %s, "
	    "verified: %s%s",
	    m->set, m->kind, m->id, pipe ? "" : "'",
	    pipe ? "standard output" : to, pipe ? "" : "'", set, amount, took,
	    pin, wal, verified(options, result),
	    pipe ? " (a pipe cannot be read back)" : "");
}

void
backup_report_notices(
    struct session *session, const struct backup_result *result)
{
	/* Of many sets it would be said many times. */
	if (result->forgot.kind != ERR_NONE)
		where_state_missed(session,
		    "nothing is remembered on this machine; name another "
		    "place with --state or LITESAFE_STATE",
		    &result->forgot);
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
	if (result->full_surprises)
		say_line(&session->say, "  a full one, because %s",
		    result->full_because);
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
