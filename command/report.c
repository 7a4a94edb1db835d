/*
 * JSON objects in the order of a reader's interest; text below its line.
 */
#include "command/report.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "command/exit_code.h"
#include "command/status_nagios.h"

uint64_t
report_raw_bytes(const struct manifest_database *database)
{
	return (uint64_t)database->page_count * database->page_size;
}

struct report_totals
report_totals(const struct manifest *manifest)
{
	struct report_totals totals = { .pages = 0 };

	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_database *db = manifest_at(manifest, i);

		totals.pages += db->page_count;
		totals.bytes += report_raw_bytes(db);
		totals.pages_stored += db->pages_stored;
		totals.bytes_stored +=
		    (uint64_t)db->pages_stored * db->page_size;
	}
	return totals;
}

double
report_page_rate(const struct manifest_database *database)
{
	double seconds = database->bill.pin_seconds;

	return seconds > 0 ? database->page_count / seconds : 0;
}

uint64_t
report_wal_end(const struct manifest_database *database)
{
	const struct manifest_bill *bill = &database->bill;

	return bill->write_back_seconds > 0 ? bill->wal_bytes_at_end
					    : database->wal_bytes_after;
}

void
report_bill(struct json *json, const struct manifest_database *db)
{
	const struct manifest_bill *bill = &db->bill;

	json_put_size(json, "wal_bytes_before", db->wal_bytes_before);
	json_put_size(json, "wal_bytes_after", db->wal_bytes_after);
	json_put_size(
	    json, "frames_not_checkpointed", db->frames_not_checkpointed);
	if (bill->known) {
		json_put_seconds(json, "pin_seconds", bill->pin_seconds);
		json_put_seconds(json, "stall_seconds", bill->stall_seconds);
		/* Without one stored, perhaps none was read. */
		if (db->pages_stored > 0)
			json_put_size(json, "pages_per_second",
			    (uint64_t)report_page_rate(db));
		json_put_size(json, "busy_retries", bill->busy_retries);
		json_put_size(
		    json, "wal_frames_before", bill->wal_frames_before);
		json_put_size(json, "wal_frames_after", bill->wal_frames_after);
		json_put_size(
		    json, "frames_written_back", bill->frames_written_back);
		json_put_seconds(
		    json, "write_back_seconds", bill->write_back_seconds);
		json_put_size(json, "wal_bytes_at_end", report_wal_end(db));
	}
	json_open_object(json, "checkpoint");
	json_put_text(
	    json, "mode", bill->known ? bill->checkpoint_mode : "off");
	json_put_bool(json, "done", bill->checkpoint_done);
	json_put_text(json, "reason",
	    bill->known ? bill->checkpoint_reason
			: "not recorded in the archive");
	json_close(json);
}

static void
put_database(struct json *json, const struct manifest *m,
    const struct manifest_database *db)
{
	char root[SHA256_TEXT_BYTES];

	sha256_format(db->root, root);
	json_open_object(json, NULL);
	json_put_text(json, "name", db->name);
	json_put_text(json, "path", db->path);
	json_put_text(json, "kind",
	    manifest_stores_increment(m, db) ? MANIFEST_INCREMENT
					     : MANIFEST_FULL);
	json_put_size(json, "page_size", db->page_size);
	json_put_size(json, "page_count", db->page_count);
	json_put_size(json, "pages_stored", db->pages_stored);
	json_put_text(json, "root", root);
	if (db->has_image_sha256) {
		sha256_format(db->image_sha256, root);
		json_put_text(json, "image_sha256", root);
	}
	json_put_text(json, "encoding", db->encoding);
	json_put_text(json, "journal_mode", db->journal_mode);
	json_put_size(json, "application_id", db->application_id);
	json_put_size(json, "user_version", db->user_version);
	if (db->inode != 0) {
		json_put_size(json, "device", db->device);
		json_put_size(json, "inode", db->inode);
	}
	report_bill(json, db);
	json_close(json);
}

void
report_snapshot(
    struct json *json, struct say *say, const struct report_snapshot *snapshot)
{
	const struct manifest *m = snapshot->manifest;
	const struct report_totals totals = report_totals(m);
	char time[CLOCK_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	json_begin(json, say->out);
	json_put_text(json, "type", "snapshot");
	json_put_text(json, "set", m->set);
	json_put_text(json, "id", m->id);
	json_put_text(json, "kind", m->kind);
	json_put_text(json, "parent", m->parent[0] == '\0' ? NULL : m->parent);
	json_put_text(json, "time", time);
	json_put_text(json, "archive", snapshot->archive);
	json_put_size(json, "archive_bytes", snapshot->archive_bytes);
	json_put_size(json, "stored_bytes", m->stored_bytes);
	json_put_size(json, "raw_bytes", totals.bytes_stored);
	json_put_size(json, "pages_stored", totals.pages_stored);
	json_put_seconds(json, "pin_seconds", m->pin_seconds);
	json_put_text(json, "verified", snapshot->verified);
	json_put_text(json, "kept", snapshot->kept);
	json_put_text(json, "host", m->host);
	json_put_text(json, "tool", m->tool);
	json_put_text(json, "sqlite", m->sqlite);
	json_open_array(json, "databases");
	for (size_t i = 0; i < manifest_count(m); i++)
		put_database(json, m, manifest_at(m, i));
	json_close(json);
}

static const char *
kind_text(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_DAMAGED:
		return "damaged";
	case FINDING_UNVERIFIABLE:
		return "cannot be checked";
	case FINDING_NOTE:
		break;
	}
	return "note";
}

struct report_words
report_first(const struct findings *findings, enum finding_kind kind)
{
	struct report_words words = { "the list of findings was full" };

	for (unsigned i = 0; i < findings->listed; i++) {
		const struct finding *f = &findings->list[i];
		if (f->kind != kind)
			continue;
		(void)snprintf(words.text, sizeof(words.text), "%s%s%s%s",
		    f->object[0] == '\0' ? "" : "'", f->object,
		    f->object[0] == '\0' ? "" : "': ", f->text);
		break;
	}
	return words;
}

void
report_findings(struct say *say, const struct findings *findings)
{
	unsigned all =
	    findings->damaged + findings->unverifiable + findings->notes;

	for (unsigned i = 0; i < findings->listed; i++) {
		const struct finding *f = &findings->list[i];
		if (f->object[0] == '\0')
			say_line(say, "  %s: %s", kind_text(f->kind), f->text);
		else
			say_line(say, "  %s: '%s': %s", kind_text(f->kind),
			    f->object, f->text);
	}
	if (all > findings->listed)
		say_line(say, "  and %u more", all - findings->listed);
}

void
report_findings_json(struct json *json, const struct findings *findings)
{
	json_open_array(json, "findings");
	for (unsigned i = 0; i < findings->listed; i++) {
		const struct finding *f = &findings->list[i];
		json_open_object(json, NULL);
		json_put_text(json, "kind",
		    f->kind == FINDING_UNVERIFIABLE ? "unverifiable"
						    : kind_text(f->kind));
		json_put_text(json, "object", f->object);
		json_put_text(json, "text", f->text);
		json_close(json);
	}
	json_close(json);
	json_put_size(json, "findings_damaged", findings->damaged);
	json_put_size(json, "findings_unverifiable", findings->unverifiable);
}

static void
put_counts(struct json *json, const struct counts *counts)
{
	if (counts->jobs > 0) {
		json_put_size(json, "jobs", counts->jobs);
		json_put_size(json, "jobs_failed", counts->jobs_failed);
	}
	json_put_size(json, "databases", counts->databases);
	json_put_size(json, "stored", counts->stored);
	json_put_size(json, "unchanged", counts->unchanged);
	json_put_size(json, "failed", counts->failed);
}

static void
put_summary(struct session *session, int code, const struct err *err)
{
	const struct say *say = &session->say;
	struct json json;

	json_begin(&json, say->out);
	json_put_text(&json, "type", "summary");
	json_put_text(&json, "command",
	    session->command == NULL ? NULL : session->command->name);
	json_put_bool(&json, "ok", code == EXIT_OK);
	json_put_integer(&json, "exit_code", code);
	json_put_seconds(&json, "seconds", clock_steady() - session->started);
	if (session->counts.several)
		put_counts(&json, &session->counts);
	json_put_size(&json, "warnings_count", say->warnings);
	json_open_array(&json, "warnings");
	for (unsigned i = 0; i < say->warnings && i < SAY_WARNINGS_MAX; i++) {
		if (say->warning[i] != NULL)
			json_put_text(&json, NULL, say->warning[i]);
	}
	json_close(&json);
	json_put_text(&json, "error", code == EXIT_OK ? NULL : err->text);
	json_put_text(&json, "hint",
	    code == EXIT_OK || err->hint[0] == '\0' ? NULL : err->hint);
	json_end(&json);
}

/*
 * Of what `-q` or a program asked for, nothing may be lost without a word.  Who
 * closed the pipe has seen enough (head -1), and the code alone says so, as if
 * SIGPIPE had ended us; but here the work was done.
 */
static int
flush_report(struct say *say, int code)
{
	struct err err;

	if (say_flush(say, &err) == 0)
		return code;
	if (err.code == EPIPE)
		return code == EXIT_OK ? EXIT_SIGNAL + SIGPIPE : code;
	if (code == EXIT_OK)
		(void)err_hint(&err,
		    "the work itself was done; only its report is incomplete");
	say_error(say, &err);
	return code == EXIT_OK ? EXIT_FAILED : code;
}

/* The one line of a plugin, whatever happened, and its exit code. */
static int
plugin_end(struct session *session, int rc, const struct err *err)
{
	struct plugin *plugin = &session->plugin;
	struct err lost;

	if (rc < 0) {
		nagios_line_of_error(err, plugin->line);
		plugin->code = NAGIOS_UNKNOWN;
	}
	(void)fprintf(session->say.out, "%s\n", plugin->line);
	if (say_flush(&session->say, &lost) < 0)
		plugin->code = NAGIOS_UNKNOWN;
	say_done(&session->say);
	return plugin->code;
}

/* That there is no log file was told when it was to be opened. */
static int
with_log_error(struct session *session, int rc, struct err *err)
{
	if (rc < 0 || session->say.log_error.kind == ERR_NONE)
		return rc;
	*err = session->say.log_error;
	session->say.told = true;
	return -1;
}

int
report_end(struct session *session, int rc, struct err *err)
{
	int code = EXIT_OK;

	/* --help of it is no answer of a plugin. */
	if (session->options.nagios &&
	    (rc < 0 || session->plugin.line[0] != '\0'))
		return plugin_end(session, rc, err);
	rc = with_log_error(session, rc, err);
	if (rc < 0) {
		code = exit_code(err);
		hint_for(err,
		    session->command == NULL ? NULL : session->command->name);
		if (!session->say.told)
			say_error(&session->say, err);
	}
	if (session->say.json)
		put_summary(session, code, err);
	code = flush_report(&session->say, code);
	say_done(&session->say);
	return code;
}
