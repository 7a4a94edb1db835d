/*
 * litesafe status: is every set fresh and verified?
 *
 * Sets are looked at one after the other; what cannot be looked at is told, and
 * does not stop the rest.  Metrics are written whatever was found: that a
 * repository cannot be read is one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "command/command.h"
#include "command/job.h"
#include "command/status_jobs.h"
#include "command/status_nagios.h"
#include "command/status_prometheus.h"
#include "command/status_report.h"
#include "command/status_round.h"
#include "command/where.h"

static int64_t
as_ms(double seconds)
{
	return (int64_t)(seconds * 1000);
}

struct visit {
	struct status_round *round;
	const struct status_question *question;
};

static int
visit_set(void *ctx, const char *set, struct err *err)
{
	const struct visit *visit = ctx;

	return status_round_add(visit->round, visit->question, set, err);
}

/* Named twice, a set is one all the same: two samples of it are none. */
static bool
is_repeated(const struct options *options, unsigned at)
{
	for (unsigned i = 0; i < at; i++)
		if (strcmp(options->operands[i], options->operands[at]) == 0)
			return true;
	return false;
}

static int
look_at_sets(struct status_round *round, const struct status_question *question,
    struct err *err)
{
	const struct options *options = &round->session->options;
	struct visit visit = { .round = round, .question = question };
	struct err one = { .kind = ERR_NONE };

	for (unsigned i = 0; i < options->operand_count; i++)
		if (!is_repeated(options, i) &&
		    status_round_add(
			round, question, options->operands[i], err) < 0)
			return -1;
	if (options->operand_count > 0 ||
	    repository_sets(question->repository, visit_set, &visit, &one) == 0)
		return 0;
	return status_round_trouble(round,
	    &(struct status_object){ .place = question->place }, &one, err);
}

static int
look_at_repository(struct status_round *round, struct err *err)
{
	struct session *session = round->session;
	const struct options *options = &session->options;
	struct repository repository;
	char state[PATH_MAX];
	struct err state_err;
	bool is_open;
	struct status_question question = {
		.repository = &repository,
		.state_err = &state_err,
		.limits = { .max_age_ms = as_ms(options->max_age),
		    .max_verify_age_ms = as_ms(options->max_verify_age) },
		.look = true,
	};

	if (options->repository == NULL)
		return where_repository(session, &repository, err);
	if (status_round_open(round, options->repository, &repository,
		&question.place, &is_open, err) < 0)
		return -1;
	if (!is_open)
		return 0;
	if (where_state(session, state, &state_err) == 0)
		question.state = state;
	return look_at_sets(round, &question, err);
}

static int
check_request(const struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (options->nagios && options->json)
		return err_set(err, ERR_USAGE, 0,
		    "--nagios and --json are two answers to one question");
	return 0;
}

static int
judge(struct status_round *round, struct err *err)
{
	struct session *session = round->session;

	if (round->count == 0 && round->trouble.kind == ERR_NONE)
		return err_set(err, ERR_ABSENT, 0,
		    "there is no set to look at in '%s'",
		    round->places[0].path);
	const struct status_judging judging = {
		.strict = session->options.strict,
		/* Where the error goes may not be where they went. */
		.shown = !session->say.json && !session->say.quiet &&
			 isatty(STDOUT_FILENO),
	};
	int rc = status_round_judge(round, &judging, err);
	/* What else was told is not this. */
	if (rc < 0 && round->trouble.kind != err->kind)
		session->say.told = false;
	return rc;
}

static int
look(struct status_round *round, struct jobs *jobs, struct err *err)
{
	struct session *session = round->session;

	if (!status_jobs_are_meant(session))
		return look_at_repository(round, err);
	if (jobs_read(&session->options, jobs, err) < 0 &&
	    err->kind != ERR_ABSENT)
		return -1;
	if (jobs->count == 0)
		return look_at_repository(round, err);
	return status_jobs_look(round, jobs, err);
}

/* Without them the answer is still to be given: somebody may read it. */
static int
write_metrics(struct status_round *round, struct err *err)
{
	const char *path = round->session->options.prometheus;
	struct err one;

	if (path == NULL || prometheus_write(path, round, &one) == 0)
		return 0;
	return status_round_failed(
	    round, &(struct tally_object){ .path = path }, &one, err);
}

int
cmd_status(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	AUTO(jobs) struct jobs jobs = { .config = CONFIG_NONE };
	AUTO(status_round)
	struct status_round round = {
		.session = session,
		.now_ms = clock_now_ms(),
	};

	if (check_request(session, err) < 0 || look(&round, &jobs, err) < 0)
		return -1;
	if (write_metrics(&round, err) < 0)
		return -1;
	if (options->nagios) {
		session->plugin.code =
		    (int)nagios_line(&round, session->plugin.line);
		return 0;
	}
	status_report(&round);
	return judge(&round, err);
}
