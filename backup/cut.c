/*
 * At one instant all databases are pinned, and each is let go as soon as its
 * pages are ours.  So those come first whose pin costs most: with a rollback
 * journal nobody can commit meanwhile; in WAL mode a log grows.  Among equals
 * the small ones come first: then the fewest wait for the large ones.  What is
 * compressed while it is read comes last.
 */
#include "backup/cut.h"

#include <stdlib.h>

#include "backup/part.h"
#include "backup/unchanged.h"
#include "database/instant.h"

static int
pin_part(struct job *job, struct part *part, struct err *err)
{
	const struct pin_options options = {
		.busy_timeout_ms = job->options->busy_timeout_ms,
		.work = job->work,
		.evidence = job->options->repository != NULL,
	};

	if (pin_open(&part->source, &options, &part->pin, err) < 0)
		return -1;
	job->result->busy_retries += pin_facts(part->pin)->busy_retries;
	return 0;
}

/* The state is fixed: what it is, and what shows later that it is this still. */
static void
note(struct job *job, struct part *part)
{
	part_describe(job, part);
	if (job->options->repository != NULL)
		unchanged_note(part);
}

/* Of a part that is pinned. */
static int
take_part(struct job *job, struct part *part, bool *nothing, struct err *err)
{
	bool same = false;

	if (part_begin(job, part, err) < 0 ||
	    part_capture(job, part, err) < 0 ||
	    part_let_go(job, part, err) < 0 ||
	    part_settle(job, part, &same, err) < 0)
		return -1;
	*nothing = *nothing && same;
	return 0;
}

static int
take_in_turn(struct job *job, bool *nothing, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (pin_part(job, part, err) < 0)
			return -1;
		note(job, part);
		part_watch(job, part);
		if (i == 0)
			job->manifest.pin_start_ms =
			    pin_facts(part->pin)->start_ms;
		if (take_part(job, part, nothing, err) < 0)
			return -1;
	}
	return 0;
}

/* What is first to be let go: 0 before 1 before 2. */
static int
urgency(const struct part *part)
{
	if (!pin_facts(part->pin)->wal)
		return 0;
	return part->found != NULL && part->found->sums_fd >= 0 ? 1 : 2;
}

static int
by_urgency(const void *left, const void *right)
{
	const struct part *a = left, *b = right;

	if (urgency(a) != urgency(b))
		return urgency(a) - urgency(b);
	if (a->source.bytes != b->source.bytes)
		return a->source.bytes < b->source.bytes ? -1 : 1;
	return 0;
}

static int
pin_all(struct job *job, struct err *err)
{
	const struct instant_options options = {
		.busy_timeout_ms = job->options->busy_timeout_ms,
		.work = job->work,
	};
	struct pin *pins[MANIFEST_DATABASES_MAX];
	struct instant_cost cost;

	for (size_t i = 0; i < job->part_count; i++) {
		if (pin_part(job, &job->parts[i], err) < 0)
			return -1;
		pins[i] = job->parts[i].pin;
	}
	if (instant_take(pins, job->part_count, &options, &cost, err) < 0)
		return -1;
	job->result->instant = true;
	job->result->lock_seconds = cost.held_seconds;
	job->result->lock_tries = cost.tries;
	return 0;
}

static int
take_at_once(struct job *job, bool *nothing, struct err *err)
{
	if (pin_all(job, err) < 0)
		return -1;
	job->manifest.pin_start_ms = pin_facts(job->parts[0].pin)->start_ms;
	for (size_t i = 0; i < job->part_count; i++)
		note(job, &job->parts[i]);
	qsort(job->parts, job->part_count, sizeof(*job->parts), by_urgency);
	for (size_t i = 0; i < job->part_count; i++)
		part_watch(job, &job->parts[i]);
	for (size_t i = 0; i < job->part_count; i++)
		if (take_part(job, &job->parts[i], nothing, err) < 0)
			return -1;
	return 0;
}

int
cut_take(struct job *job, bool *ret_nothing, struct err *err)
{
	/* What is frozen has one instant already. */
	bool in_turn = job->part_count == 1 || job->options->no_instant ||
		       job->options->frozen;

	*ret_nothing = true;
	if (job->parts[0].unchanged.evidence != NULL)
		return 0; /* of all or of none */
	return in_turn ? take_in_turn(job, ret_nothing, err)
		       : take_at_once(job, ret_nothing, err);
}
