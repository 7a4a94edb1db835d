/*
 * litesafe restore: what came back, from when, what was put aside, and how to
 * undo it.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/input.h"
#include "command/progress.h"
#include "command/quote.h"
#include "command/report.h"
#include "command/units.h"
#include "restore/restore.h"

static int
check_request(struct session *session, struct err *err)
{
	if (command_operands(session, 1, 1, err) < 0)
		return -1;
	if (session->options.target == NULL) {
		(void)err_set(
		    err, ERR_USAGE, 0, "restore: no target was named (--to)");
		return err_hint(err, "--to PATH: the database to make");
	}
	return 0;
}

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

static void
report_json(
    struct session *session, const struct restore_result *result, bool restored)
{
	const struct options *options = &session->options;
	const struct manifest *m = &result->contents.manifest;
	char time[CLOCK_TEXT_BYTES];
	struct json json;

	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "restore");
	json_put_text(&json, "archive", options->operands[0]);
	json_put_text(&json, "to",
	    result->path[0] == '\0' ? options->target : result->path);
	json_put_bool(&json, "restored", restored);
	json_put_text(&json, "result", result_name(result));
	json_put_text(&json, "check", check_name(options->restore_check));
	report_findings_json(&json, &result->findings);
	if (m->id[0] != '\0') {
		clock_format(m->pin_start_ms, time);
		json_put_text(&json, "set", m->set);
		json_put_text(&json, "id", m->id);
		json_put_text(&json, "time", time);
		json_put_text(&json, "database", m->database.name);
		json_put_size(&json, "page_size", m->database.page_size);
		json_put_size(&json, "page_count", m->database.page_count);
		json_put_size(
		    &json, "raw_bytes", report_raw_bytes(&m->database));
	}
	json_put_bool(&json, "replaced", result->replaced);
	json_put_bool(&json, "owner_kept", result->owner_kept);
	json_open_array(&json, "aside");
	for (unsigned i = 0; i < result->aside_count; i++) {
		json_open_object(&json, NULL);
		json_put_text(&json, "from", result->aside[i].from);
		json_put_text(&json, "to", result->aside[i].to);
		json_close(&json);
	}
	json_close(&json);
	json_put_seconds(&json, "seconds", result->seconds);
	json_end(&json);
}

static void
say_move(struct say *say, const char *from, const char *to)
{
	AUTO(free) char *quoted_from = quote_shell(from);
	AUTO(free) char *quoted_to = quote_shell(to);

	if (quoted_from != NULL && quoted_to != NULL)
		say_line(say, "undo: mv -- %s %s", quoted_from, quoted_to);
}

/* Side files that the restored database may have got since then. */
static void
say_remove_side_files(struct say *say, const char *path)
{
	static const char *const suffixes[] = { "-wal", "-journal", "-shm" };
	char side[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(side, sizeof(side), "%s%s", path, suffixes[i]);
		AUTO(free) char *quoted = quote_shell(side);
		if (quoted != NULL)
			say_line(say, "undo: rm -f -- %s", quoted);
	}
}

/*
 * A -wal or -journal must never stand beside a database that is not its own:
 * SQLite would apply it.  So what the restored database got since then goes
 * first and old side files come back last, after their database; where there
 * was none, the restored one moves away.
 */
static void
say_undo(struct say *say, const struct restore_result *result)
{
	char away[sizeof(result->path) + 64], now[CLOCK_TEXT_BYTES];
	bool main_aside = false;

	for (unsigned i = 0; i < result->aside_count; i++) {
		main_aside = main_aside ||
			     strcmp(result->aside[i].from, result->path) == 0;
		say_line(say, "put aside: '%s' is now '%s'",
		    result->aside[i].from, result->aside[i].to);
	}
	if (result->aside_count > 0 && !main_aside) {
		clock_format(clock_now_ms(), now);
		(void)snprintf(
		    away, sizeof(away), "%s.restored-%s", result->path, now);
		say_move(say, result->path, away);
	}
	if (main_aside)
		say_remove_side_files(say, result->path);
	for (unsigned i = 0; i < result->aside_count; i++)
		say_move(say, result->aside[i].to, result->aside[i].from);
}

static void
report_text(struct session *session, const char *name,
    const struct restore_result *result)
{
	const struct manifest *m = &result->contents.manifest;
	struct say *say = &session->say;
	char time[CLOCK_TEXT_BYTES], root[SHA256_TEXT_BYTES],
	    size[UNITS_TEXT_BYTES], took[UNITS_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	units_format_size(report_raw_bytes(&m->database), size);
	units_format_duration(result->seconds, took);
	say_line(say, "%s: restored from '%s', the state of %s: %s in %s, %s",
	    result->path, name, time, size, took,
	    check_done(&session->options, result));
	report_findings(say, &result->findings);
	sha256_format(m->database.root, root);
	say_detail(say, "  snapshot   %s of '%s'", m->id, m->set);
	say_detail(say, "  pages      %u of %u bytes", m->database.page_count,
	    m->database.page_size);
	say_detail(say, "  root       %s", root);
	say_undo(say, result);
}

static void
warn(struct say *say, const struct restore_result *result)
{
	if (result->absent_meanwhile)
		say_warning(say,
		    "the old database was empty or damaged: it was put aside "
		    "first, and '%s' was absent for a moment",
		    result->path);
	if (!result->owner_kept)
		say_warning(say,
		    "'%s' did not get the owner and group that were meant; "
		    "the filesystem or our permissions do not allow it",
		    result->path);
	if (result->findings.unverifiable > 0)
		say_warning(say,
		    "every page of '%s' is right, but SQLite cannot check all "
		    "of it here: %s",
		    result->path,
		    report_first(&result->findings, FINDING_UNVERIFIABLE).text);
}

/* What was found, and what lies elsewhere now although it did not succeed. */
static void
report_failure(struct session *session, const struct restore_result *result)
{
	struct say *say = &session->say;

	if (say->json &&
	    (result->findings.listed > 0 || result->aside_count > 0))
		report_json(session, result, false);
	report_findings(say, &result->findings);
	for (unsigned i = 0; i < result->aside_count; i++)
		say_warning(say, "'%s' was put aside: it is kept as '%s'",
		    result->aside[i].from, result->aside[i].to);
}

static int
run_watched(struct session *session, int fd, const char *name,
    struct restore_result *result, struct err *err)
{
	const struct options *options = &session->options;
	const struct restore_options restore = {
		.fd = fd,
		.name = name,
		.target = options->target,
		.replace = options->replace,
		.check = (enum restore_check)options->restore_check,
		.threads = command_threads(options),
		.work = &session->work,
	};
	AUTO(progress) struct progress progress = PROGRESS_NONE;

	progress_begin(&progress, options, &session->work);
	return restore_run(&restore, result, err);
}

int
cmd_restore(struct session *session, struct err *err)
{
	struct restore_result result = { .replaced = false };
	AUTO(fd) int fd = -1;
	const char *name;

	if (check_request(session, err) < 0 ||
	    input_open(session->options.operands[0], &fd, &name, err) < 0)
		return -1;
	int rc = run_watched(session, fd, name, &result, err);
	if (rc < 0) {
		report_failure(session, &result);
	} else {
		if (session->say.json)
			report_json(session, &result, true);
		report_text(session, name, &result);
		warn(&session->say, &result);
	}
	restore_result_done(&result);
	return rc;
}
