/*
 * litesafe run: each job of the configuration, one after the other, each in a
 * process of its own; a failure of one stops no other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "command/command.h"
#include "command/job.h"
#include "command/run_child.h"
#include "command/tally.h"

/* Jobs in the order in which they are to run, each once. */
struct chosen {
	const struct job **list;
	bool *failed; /* each, and its health check heard of it */
	size_t count;
};

static void
chosen_auto(struct chosen *chosen)
{
	free(chosen->list);
	free(chosen->failed);
}

static void
choose(struct chosen *chosen, const struct job *job)
{
	for (size_t i = 0; i < chosen->count; i++)
		if (chosen->list[i] == job)
			return;
	chosen->list[chosen->count++] = job;
}

/* Those that were named, or all.  A wrong name is told before anything runs. */
static int
choose_all(const struct options *options, const struct jobs *jobs,
    struct chosen *ret_chosen, struct err *err)
{
	if (jobs->count == 0) {
		(void)err_set(err, ERR_USAGE, 0, "there is no job in '%s'",
		    jobs->config.files[0]);
		return err_hint(err,
		    "a job is a section [job NAME] with a database and a "
		    "repository; see litesafe.conf(5)");
	}
	ret_chosen->list = calloc(jobs->count, sizeof(struct job *));
	ret_chosen->failed = calloc(jobs->count, sizeof(bool));
	if (ret_chosen->list == NULL || ret_chosen->failed == NULL)
		return err_system(err, "list the jobs");
	for (unsigned i = 0; i < options->operand_count; i++) {
		const struct job *job = NULL;

		if (jobs_find(jobs, options->operands[i], &job, err) < 0)
			return -1;
		choose(ret_chosen, job);
	}
	for (size_t i = 0; i < jobs->count && options->operand_count == 0; i++)
		choose(ret_chosen, &jobs->list[i]);
	return 0;
}

/* One before it that has the same health check did. */
static bool
check_failed(const struct chosen *chosen, size_t at)
{
	const char *url = chosen->list[at]->options.ping_url;

	for (size_t i = 0; i < at && url != NULL; i++)
		if (chosen->failed[i] &&
		    strcmp(chosen->list[i]->options.ping_url, url) == 0)
			return true;
	return false;
}

static int
run_all(struct session *session, const struct chosen *chosen, struct err *err)
{
	struct tally tally = TALLY_NONE;

	session->counts.jobs = chosen->count;
	for (size_t i = 0; i < chosen->count; i++) {
		struct err one = { .kind = ERR_NONE };

		if (work_check(&session->work, err) < 0)
			return -1;
		session->check_failed = check_failed(chosen, i);
		if (run_child(session, chosen->list[i], &one) == 0) {
			tally.fine++;
			continue;
		}
		/* Of one that is busy another run tells. */
		chosen->failed[i] = one.kind != ERR_BUSY &&
				    chosen->list[i]->options.ping_url != NULL;
		(void)err_within(&one, "job '%s'", chosen->list[i]->name);
		session->counts.jobs_failed++;
		tally_add(&tally, &one);
		if (one.kind == ERR_STOPPED &&
		    work_check(&session->work, err) < 0)
			return -1;
	}
	return tally_end(&tally, err);
}

int
cmd_run(struct session *session, struct err *err)
{
	AUTO(jobs) struct jobs jobs = { .count = 0 };
	AUTO(chosen) struct chosen chosen = { .count = 0 };

	if (jobs_read(&session->options, &jobs, err) < 0 ||
	    choose_all(&session->options, &jobs, &chosen, err) < 0)
		return -1;
	return run_all(session, &chosen, err);
}
