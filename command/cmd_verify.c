/*
 * litesafe verify: one answer for each file, or for each snapshot of a
 * repository, and the worst of them as the exit code.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/units.h"
#include "command/assertions.h"
#include "command/command.h"
#include "command/input.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/verify_report.h"
#include "command/verify_repository.h"
#include "command/where.h"
#include "command/worst.h"
#include "restore/verify.h"

static int
run_watched(struct session *session, int fd, const char *name,
    struct verify_result *result, struct err *err)
{
	const struct options *options = &session->options;
	const struct assertions assertions = assertions_wanted(options);
	const struct verify_options verify = {
		.fd = fd,
		.name = name,
		.level = (enum verify_level)options->verify_level,
		.check = (enum integrity_level)options->verify_check,
		.assertions = &assertions,
		.scratch = command_scratch(options),
		.threads = command_threads(options),
		.work = &session->work,
	};
	AUTO(progress) struct progress progress = PROGRESS_NONE;

	progress_begin(&progress, options, &session->work);
	return verify_run(&verify, result, err);
}

/* What the archive says about itself is known only when it could be read. */
static void
put_contents(struct json *json, const struct archive_contents *contents)
{
	const struct manifest *m = &contents->manifest;
	const struct report_totals totals = report_totals(m);
	char time[CLOCK_TEXT_BYTES];

	if (m->id[0] == '\0')
		return;
	clock_format(m->pin_start_ms, time);
	json_put_text(json, "set", m->set);
	json_put_text(json, "id", m->id);
	json_put_text(json, "kind", m->kind);
	json_put_text(json, "time", time);
	if (manifest_count(m) == 1)
		json_put_size(json, "page_size", m->database.page_size);
	json_put_size(json, "page_count", totals.pages);
	json_put_size(json, "raw_bytes", totals.bytes);
	json_open_array(json, "databases");
	for (size_t i = 0; i < manifest_count(m); i++)
		json_put_text(json, NULL, manifest_at(m, i)->name);
	json_close(json);
	json_put_size(json, "archive_bytes", contents->file.bytes);
	json_put_size(json, "bad_pages", contents->bad_pages);
}

static void
report_json(struct session *session, const char *path,
    const struct verify_result *result, const struct err *err)
{
	struct json json;

	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "verify");
	json_put_text(&json, "archive", path);
	verify_put_answer(&json, &session->options,
	    err == NULL ? verify_answer_name(result->answer, &result->asserted)
			: NULL,
	    (enum verify_level)session->options.verify_level);
	report_findings_json(&json, &result->findings);
	assertions_put(&json, &result->asserted);
	put_contents(&json, &result->contents);
	json_put_seconds(&json, "seconds", result->seconds);
	if (err != NULL)
		json_put_text(&json, "error", err->text);
	json_end(&json);
	(void)fflush(session->say.out);
}

static void
report_text(
    struct session *session, const char *name, const struct verify_result *r)
{
	const struct manifest *m = &r->contents.manifest;
	const struct report_totals totals = report_totals(m);
	struct say *say = &session->say;
	char took[UNITS_TEXT_BYTES], size[UNITS_TEXT_BYTES];

	units_format_duration(r->seconds, took);
	units_format_size(totals.bytes, size);
	switch (r->answer) {
	case VERIFY_OK:
		say_line(say, "%s: %s (%s; %llu page%s, %s, %s)", name,
		    verify_ok_words(&r->asserted),
		    verify_what_was_done(&session->options,
			(enum verify_level)session->options.verify_level),
		    (unsigned long long)totals.pages,
		    totals.pages == 1 ? "" : "s", size, took);
		break;
	case VERIFY_DAMAGED:
		say_line(say, "%s: damaged (%u finding%s, %s)", name,
		    r->findings.damaged, r->findings.damaged == 1 ? "" : "s",
		    took);
		break;
	case VERIFY_UNVERIFIABLE:
		say_line(say,
		    "%s: cannot be checked (%u part%s of it; %llu page%s, %s, "
		    "%s)",
		    name, r->findings.unverifiable,
		    r->findings.unverifiable == 1 ? "" : "s",
		    (unsigned long long)totals.pages,
		    totals.pages == 1 ? "" : "s", size, took);
		break;
	}
	report_findings(say, &r->findings);
	assertions_say(say, &r->asserted);
	if (r->contents.manifest.id[0] == '\0')
		return;
	char time[CLOCK_TEXT_BYTES];
	clock_format(r->contents.manifest.pin_start_ms, time);
	say_detail(say, "  snapshot %s of '%s' at %s, %llu frames",
	    r->contents.manifest.id, r->contents.manifest.set, time,
	    (unsigned long long)r->contents.frames);
}

/* An increment alone cannot be restored, and so it cannot be asked. */
static int
judge_assertions(struct session *session, const char *name,
    const struct verify_result *result, struct err *err)
{
	char object[PATH_MAX + 16];

	if (session->options.check_sql.count > 0 && result->asserted.count == 0)
		return err_set(err, ERR_FAILED, 0,
		    "nothing could be asserted of archive '%s': %s", name,
		    report_first(&result->findings, FINDING_UNVERIFIABLE).text);
	(void)snprintf(object, sizeof(object), "archive '%s'", name);
	return assertions_judge(&result->asserted, object, err);
}

/* A new backup would hold the same: so it is not what is advised. */
static int
judge_damage(
    const char *name, const struct verify_result *result, struct err *err)
{
	const char *what =
	    report_first(&result->findings, FINDING_DAMAGED).text;

	if (result->unsound) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "archive '%s' is intact, but SQLite finds the database in "
		    "it damaged: %s",
		    name, what);
		return err_hint(err,
		    "it was backed up like that: look at the database (PRAGMA "
		    "quick_check), and use an older archive");
	}
	(void)err_set(
	    err, ERR_DAMAGED, 0, "archive '%s' is damaged: %s", name, what);
	return err_hint(
	    err, "do not count on it: use another archive, or take a new one");
}

static int
judge(struct session *session, const char *name,
    const struct verify_result *result, struct err *err)
{
	switch (result->answer) {
	case VERIFY_OK:
		break;
	case VERIFY_DAMAGED:
		return judge_damage(name, result, err);
	case VERIFY_UNVERIFIABLE:
		say_warning(&session->say,
		    "every stored byte of '%s' is right, but SQLite cannot "
		    "check all of the database here: %s",
		    name,
		    report_first(&result->findings, FINDING_UNVERIFIABLE).text);
		break;
	}
	return judge_assertions(session, name, result, err);
}

static int
verify_open(struct session *session, const char *path,
    struct verify_result *result, struct err *err)
{
	AUTO(fd) int fd = -1;
	const char *name = path;

	int rc = input_open(path, &fd, &name, err);
	if (rc == 0)
		rc = run_watched(session, fd, name, result, err);
	if (session->say.json)
		report_json(session, path, result, rc < 0 ? err : NULL);
	if (rc < 0)
		return -1;
	report_text(session, name, result);
	return judge(session, name, result, err);
}

static int
verify_one(struct session *session, const char *path, struct err *err)
{
	struct verify_result result = { .answer = VERIFY_UNVERIFIABLE };

	int rc = verify_open(session, path, &result, err);
	verify_result_done(&result);
	return rc;
}

static int
verify_files(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct err worst = { .kind = ERR_NONE };

	if (command_operands(session, 1, UINT32_MAX, err) < 0)
		return -1;
	if (options->all) {
		(void)err_set(err, ERR_USAGE, 0,
		    "verify: --all means the snapshots of a repository, and "
		    "'%s' is a file",
		    options->operands[0]);
		return err_hint(err, "name the repository with -r");
	}
	for (unsigned i = 0; i < options->operand_count; i++) {
		struct err one = { .kind = ERR_NONE };

		if (verify_one(session, options->operands[i], &one) < 0 &&
		    worst_tell(session, &worst, &one) < 0)
			break;
	}
	if (worst.kind == ERR_NONE)
		return 0;
	*err = worst;
	return -1;
}

/* Who asks for a check of SQLite must not believe that one was made. */
static int
check_level(const struct options *options, struct err *err)
{
	static const char *const of_copies[] = { "check", "all" };

	if (options->verify_level == VERIFY_RESTORE)
		return 0;
	for (size_t i = 0; i < sizeof(of_copies) / sizeof(of_copies[0]); i++) {
		if (!options_given(options, of_copies[i]))
			continue;
		(void)err_set(err, ERR_USAGE, 0,
		    "--%s is about restored copies, and --level stored makes "
		    "none",
		    of_copies[i]);
		return err_hint(err, "leave one of them out");
	}
	return 0;
}

/* Nothing can be verified without one, so that is said once, not of each. */
static int
check_scratch(const struct options *options, struct err *err)
{
	AUTO(fd) int fd = -1;

	if (file_scratch(command_scratch(options), &fd, err) == 0)
		return 0;
	return err_hint(err,
	    "name a folder that is there, and can be written to, with "
	    "--scratch");
}

int
cmd_verify(struct session *session, struct err *err)
{
	if (check_level(&session->options, err) < 0 ||
	    assertions_check(&session->options, err) < 0 ||
	    check_scratch(&session->options, err) < 0)
		return -1;
	int rc = where_in_repository(session) ? verify_repository(session, err)
					      : verify_files(session, err);

	if (rc == 0 && session->options.strict && session->say.warnings > 0)
		return err_set(err, ERR_FAILED, 0,
		    "there were warnings, and --strict makes them a failure");
	return rc;
}
