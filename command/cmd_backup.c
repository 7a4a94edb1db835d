/*
 * litesafe backup: check what was asked, run the recipe, report.
 *
 * The proof is joined to the recipe here, because backup/ and restore/ do not
 * know each other: the finished archive is read back by the same walk as
 * `litesafe verify`, before it gets its name.
 */
#include <string.h>
#include <unistd.h>

#include "archive/name.h"
#include "backup/backup.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "command/command.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/units.h"
#include "restore/verify.h"

/* What the proof needs, and what it leaves to be told. */
struct proof {
	const struct options *options;
	struct work *work;
	unsigned threads;
	struct verify_result result;
};

static bool
to_pipe(const struct options *options)
{
	return strcmp(options->output, "-") == 0;
}

static int
check_pipe(struct options *options, struct err *err)
{
	if (!to_pipe(options))
		return 0;
	if (isatty(STDOUT_FILENO)) {
		(void)err_set(
		    err, ERR_USAGE, 0, "the archive would go to a terminal");
		return err_hint(err, "name a file for -o, or use a pipe");
	}
	if (options_given(options, "verify") && options->prove != PROVE_NONE) {
		(void)err_set(err, ERR_USAGE, 0,
		    "--verify %s is not possible with '-o -': a pipe cannot be "
		    "read back",
		    options->prove == PROVE_STORED ? "stored" : "restore");
		return err_hint(err,
		    "run 'litesafe verify' on what arrives at the other end");
	}
	options->prove = PROVE_NONE;
	return 0;
}

static int
check_request(struct session *session, struct err *err)
{
	struct options *options = &session->options;

	if (options->operand_count > 1) {
		(void)err_set(err, ERR_USAGE, 0,
		    "'%s' is a second database: an archive holds one",
		    options->operands[1]);
		return err_hint(err, "run 'litesafe backup' once for each");
	}
	if (command_operands(session, 1, 1, err) < 0)
		return -1;
	if (options->output == NULL) {
		(void)err_set(
		    err, ERR_USAGE, 0, "backup: no output was named (-o)");
		return err_hint(
		    err, "-o FILE for a file, '-o -' for standard output");
	}
	if (options->set != NULL && name_check_set(options->set, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	return check_pipe(options, err);
}

static int
not_proved(const struct proof *proof, const char *name, struct err *err)
{
	const struct report_words damage =
	    report_first(&proof->result.findings, FINDING_DAMAGED);

	if (proof->options->prove == PROVE_STORED) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "'%s', read back, is not what was written: %s", name,
		    damage.text);
		return err_hint(err,
		    "look for faults of this machine's disk and memory "
		    "(dmesg), then run it again");
	}
	(void)err_set(err, ERR_DAMAGED, 0,
	    "'%s', restored to scratch, is damaged: %s", name, damage.text);
	return err_hint(err,
	    "see whether the database itself is damaged (PRAGMA quick_check); "
	    "--verify stored makes an archive of it as it is");
}

/* backup_options.prove */
static int
prove(void *ctx, int fd, const char *name, struct err *err)
{
	struct proof *proof = ctx;
	const struct options *options = proof->options;
	const struct verify_options verify = {
		.fd = fd,
		.name = name,
		.level = options->prove == PROVE_STORED ? VERIFY_STORED
							: VERIFY_RESTORE,
		.check = INTEGRITY_QUICK,
		.scratch = options->scratch == NULL ? file_scratch_folder()
						    : options->scratch,
		.threads = proof->threads,
		.work = proof->work,
	};

	if (verify_run(&verify, &proof->result, err) < 0)
		return -1;
	return proof->result.answer == VERIFY_DAMAGED
		   ? not_proved(proof, name, err)
		   : 0;
}

static const char *
verified(const struct options *options, const struct backup_result *result)
{
	if (!result->proved)
		return "none";
	return options->prove == PROVE_STORED ? "stored" : "restore";
}

static void
report_json(struct session *session, const struct backup_result *result)
{
	const struct snapshot snapshot = {
		.manifest = &result->manifest,
		.archive = session->options.output,
		.archive_bytes = result->archive_bytes,
		.verified = verified(&session->options, result),
		.no_checkpoint = "this command makes no checkpoint",
	};
	struct json json;

	report_snapshot(&json, &session->say, &snapshot);
	json_put_size(&json, "busy_retries", result->busy_retries);
	json_put_bool(&json, "spooled", result->spooled);
	json_put_seconds(&json, "seconds", result->seconds);
	json_end(&json);
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

static void
report_details(
    struct say *say, const struct backup_result *result, unsigned threads)
{
	const struct manifest *m = &result->manifest;
	const struct manifest_database *db = &m->database;
	char time[CLOCK_TEXT_BYTES], root[SHA256_TEXT_BYTES],
	    text[UNITS_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	sha256_format(db->root, root);
	say_detail(say, "  database   %s", db->path);
	say_detail(say, "  state of   %s", time);
	say_detail(
	    say, "  pages      %u of %u bytes", db->page_count, db->page_size);
	say_detail(say, "  root       %s", root);
	say_detail(
	    say, "  journal    %s, SQLite %s", db->journal_mode, m->sqlite);
	if (strcmp(db->journal_mode, "wal") == 0) {
		units_format_size(db->wal_bytes_after, text);
		say_detail(say, "  WAL        %s, %llu frames not checkpointed",
		    text, (unsigned long long)db->frames_not_checkpointed);
	}
	if (result->spooled) {
		units_format_duration(m->pin_seconds, text);
		say_detail(
		    say, "  spooled    writers could not commit for %s", text);
	}
	say_detail(
	    say, "  waited     %u times for a lock", result->busy_retries);
	say_detail(say, "  threads    %u", threads);
}

static void
report_text(struct session *session, const struct backup_result *result)
{
	const struct options *options = &session->options;
	const struct manifest *m = &result->manifest;
	char raw[UNITS_TEXT_BYTES], stored[UNITS_TEXT_BYTES],
	    took[UNITS_TEXT_BYTES], pin[UNITS_TEXT_BYTES], wal[48];
	bool pipe = to_pipe(options);

	units_format_size(report_raw_bytes(&m->database), raw);
	units_format_size(result->archive_bytes, stored);
	units_format_duration(result->seconds, took);
	units_format_duration(m->pin_seconds, pin);
	format_growth(&m->database, wal, sizeof(wal));
	if (result->spooled)
		(void)snprintf(wal, sizeof(wal), "no WAL");
	say_line(&session->say,
	    "%s: %s backup %s to %s%s%s: %s as %s in %s, pin %s, %s, "
	    "verified: %s%s",
	    m->set, m->kind, m->id, pipe ? "" : "'",
	    pipe ? "standard output" : options->output, pipe ? "" : "'", raw,
	    stored, took, pin, wal, verified(options, result),
	    pipe ? " (a pipe cannot be read back)" : "");
}

static void
report(struct session *session, const struct backup_result *result,
    const struct proof *proof)
{
	const struct findings *findings = &proof->result.findings;

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
	    session->options.output,
	    report_first(findings, FINDING_UNVERIFIABLE).text);
}

static int
run_watched(struct session *session, const struct backup_options *backup,
    struct backup_result *result, struct err *err)
{
	AUTO(progress) struct progress progress = PROGRESS_NONE;

	progress_begin(&progress, &session->options, &session->work);
	return backup_run(backup, result, err);
}

int
cmd_backup(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct backup_result result = { .proved = false };
	struct proof proof = { .options = options, .work = &session->work };

	if (check_request(session, err) < 0)
		return -1;
	proof.threads = command_threads(options);
	const struct backup_options backup = {
		.database = options->operands[0],
		.output = to_pipe(options) ? NULL : options->output,
		.pipe_fd = STDOUT_FILENO,
		.set = options->set,
		.tool = "litesafe " LITESAFE_VERSION,
		.replace = options->force,
		.level = (int)options->level,
		.threads = proof.threads,
		.image_sha256 = options->image_sha256,
		.busy_timeout_ms = (unsigned)(options->busy_timeout * 1000),
		.max_pin_seconds = options->max_pin,
		.max_wal_growth = options->max_wal_growth,
		.work = &session->work,
		.prove = options->prove == PROVE_NONE ? NULL : prove,
		.prove_ctx = &proof,
	};
	if (run_watched(session, &backup, &result, err) < 0)
		return -1;
	report(session, &result, &proof);
	return 0;
}
