/*
 * What a job backs up is found as `litesafe backup` finds it, so that a set is
 * called the same here and there.
 */
#include "command/status_jobs.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/pattern.h"
#include "command/backup_targets.h"
#include "command/tally.h"
#include "command/where.h"
#include "command/worst.h"
#include "repository/repository.h"

/* One job, on the way through its sets. */
struct visit {
	struct status_round *round;
	struct status_question question;
	const struct job *job;
	struct backup_targets targets; /* of the job, while it is looked at */
	bool named; /* by an operand: all of its sets are meant */
	bool *used; /* of each operand: it names something */
	const struct options *line; /* with the operands */
};

bool
status_jobs_are_meant(const struct session *session)
{
	const struct options *options = &session->options;
	const char *variable = getenv("LITESAFE_REPOSITORY");

	if (options_given(options, "repository"))
		return false;
	return options_given(options, "config") || variable == NULL ||
	       variable[0] == '\0';
}

static int64_t
as_ms(double seconds)
{
	return (int64_t)(seconds * 1000);
}

static struct status_limits
limits_of(const struct options *options)
{
	return (struct status_limits){
		.max_age_ms = as_ms(options->max_age),
		.max_verify_age_ms = as_ms(options->max_verify_age),
		.every_ms = as_ms(options->every),
		.drill_ms = as_ms(options->drill),
	};
}

/* Without operands everything is meant. */
static bool
is_meant(struct visit *visit, const char *set)
{
	bool meant = visit->named || visit->line->operand_count == 0;

	for (unsigned i = 0; i < visit->line->operand_count; i++) {
		if (strcmp(visit->line->operands[i], set) != 0)
			continue;
		visit->used[i] = true;
		meant = true;
	}
	return meant;
}

static int
look_at(struct visit *visit, const char *set, struct err *err)
{
	if (!is_meant(visit, set))
		return 0;
	return status_round_add(visit->round, &visit->question, set, err);
}

/* --- what is not found any more ----------------------------------------- */

/* The path itself, or a folder on the way to it, is what the pattern means. */
static bool
is_below(const char *pattern, const char *path)
{
	AUTO(free) char *part = strdup(path);

	if (part == NULL)
		return false;
	for (char *end = part + strlen(part); end != NULL && end != part;
	     end = strrchr(part, '/')) {
		*end = '\0';
		if (strcmp(pattern, part) == 0 ||
		    fnmatch(pattern, part, FNM_PATHNAME | FNM_PERIOD) == 0)
			return true;
	}
	return false;
}

/*
 * A line of the job leads to where the database was.  A manifest has a path
 * without links, so those before the first '*' are followed.
 */
static bool
leads_to(const char *line, const char *path)
{
	size_t fixed =
	    pattern_is_one(line) ? pattern_fixed(line) : strlen(line);
	AUTO(free) char *folder = strndup(line, fixed);
	AUTO(free) char *pattern = NULL;

	if (folder == NULL)
		return false;
	for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/';)
		folder[--len] = '\0';
	AUTO(free) char *real = realpath(fixed == 0 ? "." : folder, NULL);
	const char *above = real == NULL ? folder : real;
	bool slash = line[fixed] != '\0' && strcmp(above, "/") != 0;
	if (asprintf(&pattern, "%s%s%s", above, slash ? "/" : "",
		line + fixed) < 0) {
		pattern = NULL;
		return false;
	}
	return is_below(pattern, path);
}

static bool
is_found(const struct visit *visit, const char *set, const char *path)
{
	for (size_t i = 0; i < visit->targets.count; i++) {
		const struct backup_target *target = &visit->targets.list[i];
		AUTO(free) char *real = NULL;

		if (strcmp(target->set, set) == 0)
			return true;
		real = path == NULL ? NULL : realpath(target->path, NULL);
		if (real != NULL && strcmp(real, path) == 0)
			return true;
	}
	return false;
}

/* The set was of this job, as far as its newest snapshot tells. */
static bool
was_of_job(const struct visit *visit, const struct status_facts *facts)
{
	const struct texts *lines = &visit->job->options.databases;
	const char *path =
	    facts->database_count == 1 ? facts->databases[0].path : NULL;

	/* Another set may have it: a job of its own, or another name. */
	for (size_t i = 0; path != NULL && i < lines->count; i++)
		if (leads_to(lines->list[i], path))
			return !is_found(visit, facts->set, path);
	return false;
}

/* repository_sets() */
static int
look_at_lost(void *ctx, const char *set, struct err *err)
{
	struct visit *visit = ctx;
	struct status_round *round = visit->round;
	size_t before = round->count;

	if (is_found(visit, set, NULL))
		return 0;
	if (status_round_add(round, &visit->question, set, err) < 0)
		return -1;
	if (round->count > before &&
	    (!was_of_job(visit, &round->list[before].facts) ||
		!is_meant(visit, set)))
		status_round_drop(round);
	return 0;
}

/* --- one job ------------------------------------------------------------ */

/* There may be sets of it that a backup would not make now. */
static bool
may_have_lost(const struct job *job)
{
	const struct texts *lines = &job->options.databases;
	struct stat st;

	for (size_t i = 0; i < lines->count; i++)
		if (stat(lines->list[i], &st) < 0 || !S_ISREG(st.st_mode))
			return true;
	return false;
}

/* What a backup would store; what cannot be searched was told. */
static int
find_targets(struct visit *visit, struct err *err)
{
	struct status_round *round = visit->round;
	const struct job *job = visit->job;
	struct session *session = round->session;
	const struct options line = session->options;
	struct tally tally = TALLY_NONE;

	session->options = job->options;
	session->options.operands = (char **)job->options.databases.list;
	session->options.operand_count = (unsigned)job->options.databases.count;
	session->options.recursive = true;
	session->options.set = NULL;
	session->say.mute = line.nagios;
	int rc = backup_targets_find(session, &tally, &visit->targets, err);
	session->say.mute = false;
	session->options = line;
	/* Who asks for one set does not ask for whatever its job finds. */
	if (tally.first.kind != ERR_NONE &&
	    (visit->named || line.operand_count == 0))
		worst_keep(&round->trouble, &tally.first);
	return rc;
}

/* A set that is to hold the database at `path`; NULL: that is not known. */
static int
look_at_wanted(
    struct visit *visit, const char *set, const char *path, struct err *err)
{
	AUTO(free) char *real = path == NULL ? NULL : realpath(path, NULL);

	visit->question.expected = true;
	visit->question.database = real;
	int rc = look_at(visit, set, err);
	visit->question.database = NULL;
	visit->question.expected = false;
	return rc;
}

static int
look_at_found(struct visit *visit, struct err *err)
{
	const struct backup_targets *targets = &visit->targets;

	for (size_t i = 0; i < targets->count; i++)
		if (look_at_wanted(visit, targets->list[i].set,
			targets->list[i].path, err) < 0)
			return -1;
	return 0;
}

static int
look_at_each(struct visit *visit, struct err *err)
{
	struct err one = { .kind = ERR_NONE };
	int rc = 0;

	if (find_targets(visit, err) < 0 || look_at_found(visit, err) < 0)
		rc = -1;
	else if (may_have_lost(visit->job) &&
		 repository_sets(
		     visit->question.repository, look_at_lost, visit, &one) < 0)
		rc = status_round_trouble(visit->round,
		    &(struct status_object){ .place = visit->question.place },
		    &one, err);
	backup_targets_auto(&visit->targets);
	return rc;
}

/* NULL when there is none, or several. */
static const char *
only_file(const struct options *options)
{
	const struct texts *lines = &options->databases;
	struct stat st;

	return lines->count == 1 && stat(lines->list[0], &st) == 0 &&
		       S_ISREG(st.st_mode)
		   ? lines->list[0]
		   : NULL;
}

static int
look_at_job(struct visit *visit, struct err *err)
{
	struct status_round *round = visit->round;
	const struct options *options = &visit->job->options;
	struct session *session = round->session;
	const struct options line = session->options;
	struct repository repository;
	char state[PATH_MAX];
	struct err state_err;
	bool is_open;

	visit->question = (struct status_question){
		.repository = &repository,
		.state_err = &state_err,
		.job = visit->job->name,
		.limits = limits_of(options),
		.look = !options->frozen,
	};
	if (status_round_open(round, options->repository, &repository,
		&visit->question.place, &is_open, err) < 0)
		return -1;
	if (!is_open)
		return 0;
	session->options = *options;
	if (where_state(session, state, &state_err) == 0)
		visit->question.state = state;
	session->options = line;
	if (!job_is_one_set(options))
		return look_at_each(visit, err);
	return look_at_wanted(visit, options->set, only_file(options), err);
}

/* Then no set of another job is meant. */
static bool
all_are_jobs(const struct options *line, const struct jobs *jobs)
{
	const struct job *job;
	struct err ignored;

	for (unsigned i = 0; i < line->operand_count; i++)
		if (jobs_find(jobs, line->operands[i], &job, &ignored) < 0)
			return false;
	return line->operand_count > 0;
}

static bool
is_named(const struct visit *visit)
{
	bool named = false;

	for (unsigned i = 0; i < visit->line->operand_count; i++) {
		if (strcmp(visit->line->operands[i], visit->job->name) != 0)
			continue;
		visit->used[i] = true;
		named = true;
	}
	return named;
}

/* A name that leads to nothing; a repository that cannot be read has no sets. */
static int
check_used(const struct visit *visit, const struct jobs *jobs, struct err *err)
{
	for (unsigned i = 0; i < visit->line->operand_count; i++) {
		const char *name = visit->line->operands[i];
		const struct job *job;
		struct err none;

		if (visit->used[i] || visit->round->trouble.kind != ERR_NONE)
			continue;
		(void)err_set(err, ERR_ABSENT, 0,
		    "'%s' is neither a job nor a set of one", name);
		if (jobs_find(jobs, name, &job, &none) < 0)
			(void)err_hint(err, "%s", none.hint);
		return -1;
	}
	return 0;
}

int
status_jobs_look(
    struct status_round *round, const struct jobs *jobs, struct err *err)
{
	const struct options line = round->session->options;
	AUTO(free) bool *used = calloc(line.operand_count + 1, sizeof(*used));
	struct visit visit = { .round = round, .used = used, .line = &line };

	if (used == NULL)
		return err_system(err, "list the jobs");
	for (size_t i = 0; i < jobs->count; i++) {
		visit.job = &jobs->list[i];
		visit.named = is_named(&visit);
		if (!visit.named && all_are_jobs(&line, jobs))
			continue;
		if (look_at_job(&visit, err) < 0)
			return -1;
	}
	return check_used(&visit, jobs, err);
}
