/*
 * litesafe restore: an archive, or a snapshot of a repository, becomes a
 * database, or those of a set.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/input.h"
#include "command/progress.h"
#include "command/restore_report.h"
#include "command/when.h"
#include "command/where.h"
#include "restore/recall.h"
#include "restore/restore.h"

static int
check_target(struct session *session, struct err *err)
{
	const char *target = session->options.target;

	/* Elsewhere it is a pipe; a file of that name is not what is meant. */
	if (target != NULL && strcmp(target, "-") == 0) {
		(void)err_set(err, ERR_USAGE, 0,
		    "restore: a database cannot go to standard output (--to -)");
		return err_hint(err,
		    "name a file; one that is called so is meant by --to ./-");
	}
	if (target != NULL)
		return 0;
	(void)err_set(err, ERR_USAGE, 0, "restore: no target was named (--to)");
	return err_hint(err,
	    "--to PATH: the database to make, or a folder for those of a set");
}

static int
check_file_request(struct session *session, struct err *err)
{
	static const char *const others[] = { "at", "snapshot", "fallback" };

	if (command_operands(session, 1, 1, err) < 0 ||
	    check_target(session, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!options_given(&session->options, others[i]))
			continue;
		(void)err_set(err, ERR_USAGE, 0,
		    "restore: --%s chooses in a repository, and '%s' is a file",
		    others[i], session->options.operands[0]);
		return err_hint(err, "name the repository with -r");
	}
	return 0;
}

static int
check_repository_request(struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (command_operands(session, 0, 1, err) < 0 ||
	    check_target(session, err) < 0)
		return -1;
	if (options->at == NULL || options->snapshot == NULL)
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "restore: --at and --snapshot each choose a snapshot");
	return err_hint(err, "give one of them");
}

static int
run_file(struct session *session, int fd, const char *name,
    struct restore_result *result, struct restore_foreseen *ret_foreseen,
    struct err *err)
{
	const struct options *options = &session->options;
	const struct lineage_archive archive = { .fd = fd, .name = name };
	const struct lineage lineage = { .archives = &archive, .count = 1 };
	const struct restore_options restore = {
		.lineage = &lineage,
		.target = options->target,
		.database = options->database,
		.replace = options->replace,
		.check = (enum restore_check)options->restore_check,
		.threads = command_threads(options),
		.work = &session->work,
	};

	if (options->dry_run)
		return restore_preview(&restore, ret_foreseen, err) < 0
			   ? -1
			   : restore_preview_archive(
				 &restore, &result->contents.manifest, err);
	AUTO(progress) struct progress progress = PROGRESS_NONE;
	progress_begin(&progress, options, &session->work);
	return restore_run(&restore, result, err);
}

/* What came of it, whatever did. */
static int
tell(struct session *session, const struct restore_report *report,
    const struct restore_foreseen *foreseen, int rc)
{
	if (rc < 0)
		restore_report_failure(session, report);
	else if (session->options.dry_run)
		restore_report_plan(session, report, foreseen);
	else
		restore_report_done(session, report);
	return rc;
}

static int
restore_file(
    struct session *session, struct restore_result *result, struct err *err)
{
	struct restore_report report = { .result = result };
	struct restore_foreseen foreseen = { .replaces = 0 };
	AUTO(fd) int fd = -1;

	if (check_file_request(session, err) < 0 ||
	    input_open(
		session->options.operands[0], &fd, &report.archive, err) < 0)
		return -1;
	int rc = run_file(session, fd, report.archive, result, &foreseen, err);
	return tell(session, &report, &foreseen, rc);
}

static int
read_request(struct session *session, const struct repository *repository,
    struct recall_options *ret_recall, struct err *err)
{
	const struct options *options = &session->options;

	*ret_recall = (struct recall_options){
		.repository = repository,
		.set =
		    options->operand_count == 0 ? NULL : options->operands[0],
		.snapshot = options->snapshot,
		.by_time = options->at != NULL,
		.database = options->database,
		.fallback = options->fallback,
		.target = options->target,
		.replace = options->replace,
		.check = (enum restore_check)options->restore_check,
		.threads = command_threads(options),
		.work = &session->work,
	};
	if (options->at == NULL)
		return 0;
	return when_parse(
	    options->at, clock_now_ms(), &ret_recall->time_ms, err);
}

/* Lists show UTC, and --at takes the local time: so both are said. */
static void
say_instant(struct session *session, const struct recall_options *recall)
{
	char words[WHEN_TEXT_BYTES];

	if (!recall->by_time)
		return;
	when_words(recall->time_ms, words);
	say_line(&session->say, "the newest snapshot at or before %s:", words);
}

/*
 * A snapshot from a machine whose clock was wrong once stays the newest for as
 * long as it was wrong, whatever was stored after it.
 */
static void
warn_of_future(struct session *session, const struct recall *recall)
{
	const struct options *options = &session->options;
	const struct snapshot *wanted = &recall->catalog.list[recall->wanted];
	bool latest = options->at == NULL &&
		      (options->snapshot == NULL ||
			  strcmp(options->snapshot, "latest") == 0);
	char time[CLOCK_TEXT_BYTES];

	if (!latest || wanted->time_ms <= clock_now_ms())
		return;
	clock_format(wanted->time_ms, time);
	say_warning(&session->say,
	    "the newest snapshot of '%s' is of %s, which is in the future: "
	    "others may have been stored after it; '--at now' takes the newest "
	    "that is not",
	    recall->catalog.set, time);
}

static int
run_recall(struct session *session, const struct recall_options *options,
    struct recall *recall, struct restore_result *result,
    struct restore_foreseen *ret_foreseen, struct err *err)
{
	if (session->options.dry_run)
		return recall_preview(options, recall, ret_foreseen, err);
	AUTO(progress) struct progress progress = PROGRESS_NONE;
	progress_begin(&progress, &session->options, &session->work);
	return recall_run(options, recall, result, err);
}

static int
restore_snapshot(
    struct session *session, struct restore_result *result, struct err *err)
{
	AUTO(recall) struct recall recall = { .wanted = 0 };
	struct restore_report report = {
		.recall = &recall,
		.result = result,
	};
	struct repository repository;
	struct recall_options options;
	struct restore_foreseen foreseen = { .replaces = 0 };

	if (check_repository_request(session, err) < 0 ||
	    where_repository(session, &repository, err) < 0 ||
	    read_request(session, &repository, &options, err) < 0)
		return -1;
	say_instant(session, &options);
	report.at_ms = options.by_time ? options.time_ms : 0;
	if (recall_plan(&options, &recall, err) < 0)
		return -1;
	warn_of_future(session, &recall);
	int rc = run_recall(session, &options, &recall, result, &foreseen, err);
	return tell(session, &report, &foreseen, rc);
}

int
cmd_restore(struct session *session, struct err *err)
{
	struct restore_result result = { .count = 0 };

	int rc = where_in_repository(session)
		     ? restore_snapshot(session, &result, err)
		     : restore_file(session, &result, err);
	restore_result_done(&result);
	return rc;
}
