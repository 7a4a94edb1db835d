/*
 * A step that fails ends what depends on it and nothing else: a set whose
 * backup failed keeps no other from its drill; but from being pruned it keeps
 * them all.
 */
#include "command/run_job.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/checks.h"
#include "command/exit_code.h"
#include "command/prune_set.h"
#include "command/run_backup.h"
#include "command/run_drill.h"
#include "command/run_gentle.h"
#include "command/run_hooks.h"
#include "command/run_lock.h"
#include "command/run_ping.h"
#include "command/run_report.h"
#include "command/where.h"
#include "command/worst.h"

/* Keeps what a step failed with, and tells it unless the step did. */
static void
failed(struct run *run, struct err *one)
{
	struct session *session = run->session;

	if (!session->say.told) {
		hint_for(one, session->command->name);
		say_error(&session->say, one);
	}
	session->say.told = false;
	worst_keep(&run->worst, one);
}

/* Of a state that was not stored anew: whether what is stored was proved. */
static bool
was_proved(struct run *run, const struct repository *repository,
    const struct run_set *set)
{
	AUTO(checks) struct checks checks = { .count = 0 };

	checks_read(run->session, repository, set->name, &checks);
	return strcmp(checks_passed(&checks, set->id), "none") != 0;
}

/* Until a stop request, whatever one of them finds. */
static void
drill(struct run *run, const struct repository *repository)
{
	for (size_t i = 0; i < run->sets.count; i++) {
		struct run_set *set = &run->sets.list[i];
		struct err one = { .kind = ERR_NONE };

		if (set->error == NULL &&
		    run_drill(run->session, repository, set, &one) < 0)
			failed(run, &one);
		if (run->worst.kind == ERR_STOPPED)
			return;
	}
}

static int
prune_one(
    struct run *run, const struct repository *repository, struct run_set *set)
{
	struct session *session = run->session;
	struct err one = { .kind = ERR_NONE };
	struct prune_result result;

	if (!session->options.dry_run && !set->proved &&
	    !(set->unchanged && was_proved(run, repository, set)))
		return 0;
	int rc = prune_set(session, repository, set->name, &result, &one);
	set->pruned = result.deleted;
	set->freed = result.bytes;
	/* A set of which nothing was ever stored. */
	if (rc < 0 && session->options.dry_run && one.kind == ERR_ABSENT)
		return 0;
	if (rc < 0)
		failed(run, &one);
	return rc;
}

/* Nothing goes in a run that failed in any way. */
static void
prune(struct run *run, const struct repository *repository)
{
	if (!prune_policy_given(&run->session->options))
		return;
	for (size_t i = 0; i < run->sets.count; i++)
		if (run->worst.kind != ERR_NONE ||
		    prune_one(run, repository, &run->sets.list[i]) < 0)
			return;
}

static int
be_strict(const struct run *run, unsigned warnings, struct err *err)
{
	const struct session *session = run->session;

	if (!session->options.strict || session->say.warnings == warnings)
		return 0;
	return err_set(err, ERR_FAILED, 0,
	    "there were warnings, and strict makes them a failure");
}

/* Hooks, and who reads the report, have not heard what was told meanwhile. */
static void
name_first(const struct run *run, struct err *one)
{
	const struct err all = *one;

	if (one->kind != ERR_PARTIAL)
		return;
	for (size_t i = 0; i < run->sets.count; i++) {
		const struct run_set *set = &run->sets.list[i];

		if (set->error == NULL || set->name == NULL)
			continue;
		(void)err_set(one, ERR_PARTIAL, all.code,
		    "%s; the first: %s: %s", all.text, set->name, set->error);
		return;
	}
}

/* From the first backup to the last prune. */
static void
work(struct run *run)
{
	unsigned warnings = run->session->say.warnings;
	struct err one = { .kind = ERR_NONE };
	struct backup_place place;

	if (backup_place_open(run->session, &place, &one) < 0) {
		failed(run, &one);
		return;
	}
	if (run_backup(run, &place, &one) < 0 ||
	    run_sets_check(&run->sets, &one) < 0) {
		name_first(run, &one);
		failed(run, &one);
	}
	if (run->worst.kind != ERR_STOPPED)
		drill(run, &place.repository);
	if (run->worst.kind == ERR_NONE && be_strict(run, warnings, &one) < 0)
		failed(run, &one);
	prune(run, &place.repository);
}

/* The steps say nothing but what goes wrong: the report has the rest. */
static void
work_in_silence(struct run *run)
{
	struct say *say = &run->session->say;

	say->silent = !run->session->options.dry_run;
	work(run);
	say->silent = false;
}

/* What is done only when all before it went well, and what when it did not. */
static void
steps(struct run *run)
{
	bool hooks = !run->session->options.dry_run;
	struct err one = { .kind = ERR_NONE };

	if (run_backup_check(run, &one) < 0 ||
	    (hooks && run_hooks(run, RUN_BEFORE, &one) < 0))
		failed(run, &one);
	else
		work_in_silence(run);
	if (run->worst.kind == ERR_NONE && hooks &&
	    run_hooks(run, RUN_AFTER, &one) < 0)
		failed(run, &one);
}

static void
end(struct run *run)
{
	struct err ignored;

	if (run->worst.kind != ERR_NONE && !run->session->options.dry_run)
		(void)run_hooks(run, RUN_ON_FAILURE, &ignored);
	run_report(run);
	run_ping(run, run->worst.kind == ERR_NONE ? PING_SUCCESS : PING_FAIL);
}

static struct run
begin(struct session *session, const struct job *job)
{
	struct options *options = &session->options;
	struct say *say = &session->say;

	*options = job->options;
	options->operands = (char **)options->databases.list;
	options->operand_count = (unsigned)options->databases.count;
	say->subject = job->name;
	say->told = false;
	say->hidden =
	    !say->verbose && !options->dry_run && !isatty(STDOUT_FILENO);
	run_gentle(session);
	return (struct run){
		.session = session,
		.job = job,
		.started = clock_steady(),
	};
}

static int
take_lock(struct run *run, struct run_lock *ret_lock, struct err *err)
{
	const struct options *options = &run->session->options;
	char state[PATH_MAX];
	struct run_lock_options lock = {
		.state = state,
		.job = run->job->name,
		.work = &run->session->work,
	};

	if (options->dry_run)
		return 0;
	if (where_state(run->session, state, err) < 0)
		return -1;
	int rc = run_lock_take(&lock, ret_lock, err);
	if (rc == 0 || err->kind != ERR_BUSY || !options->wait)
		return rc;
	say_line(
	    &run->session->say, "%s: waiting: %s", run->job->name, err->text);
	lock.wait = true;
	return run_lock_take(&lock, ret_lock, err);
}

static void
run_auto(struct run *run)
{
	run_sets_auto(&run->sets);
}

int
run_job(struct session *session, const struct job *job, struct err *err)
{
	AUTO(run) struct run run = begin(session, job);
	AUTO(run_lock) struct run_lock lock = RUN_LOCK_NONE;
	struct err one = { .kind = ERR_NONE };

	int rc = take_lock(&run, &lock, &one);
	if (rc < 0)
		failed(&run, &one);
	if (rc < 0 && (one.kind == ERR_BUSY || one.kind == ERR_STOPPED)) {
		run_report(&run);
	} else {
		run_ping(&run, PING_START);
		if (rc == 0)
			steps(&run);
		end(&run);
	}
	*err = run.worst;
	return err->kind == ERR_NONE ? 0 : -1;
}

/*
 * The process that is gone may have waited for another, or one that waited has
 * begun.  What it forked just before its end has its lock a moment longer.
 */
static bool
somebody_works(struct run *run, struct run_lock *ret_lock)
{
	struct err one;

	run->session->options.wait = false;
	for (int tries = 0; tries < 10; tries++)
		if (take_lock(run, ret_lock, &one) == 0 || one.kind != ERR_BUSY)
			return false;
	return true;
}

int
run_job_lost(struct session *session, const struct job *job, struct err *err)
{
	AUTO(run) struct run run = begin(session, job);
	AUTO(run_lock) struct run_lock lock = RUN_LOCK_NONE;

	failed(&run, err);
	if (somebody_works(&run, &lock))
		run_report(&run);
	else
		end(&run);
	*err = run.worst;
	return -1;
}
