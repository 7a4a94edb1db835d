/*
 * What was gathered stays for several outputs; what is said of it is judged
 * anew for each, because that costs nothing and findings are long.
 */
#include "command/status_round.h"

#include <stdlib.h>
#include <string.h>

#include "command/exit_code.h"
#include "command/tally.h"
#include "command/worst.h"

static int
no_memory(struct err *err)
{
	return err_system(err, "list the sets");
}

int
status_round_failed(struct status_round *round,
    const struct tally_object *object, struct err *one, struct err *err)
{
	/* What a plugin has to say it says in its one line. */
	if (round->session->options.nagios && one->kind != ERR_STOPPED) {
		worst_keep(&round->trouble, one);
		return 0;
	}
	hint_for(one, round->session->command->name);
	tally_put(round->session, object, one);
	if (worst_tell(round->session, &round->trouble, one) == 0)
		return 0;
	*err = *one;
	return -1;
}

int
status_round_trouble(struct status_round *round,
    const struct status_object *object, struct err *one, struct err *err)
{
	struct status_place *place = &round->places[object->place];

	place->readable = false;
	return status_round_failed(round,
	    &(struct tally_object){ .set = object->set, .path = place->path },
	    one, err);
}

int
status_round_open(struct status_round *round, const char *path,
    struct repository *ret_repository, size_t *ret_place, bool *ret_open,
    struct err *err)
{
	struct err one;
	struct status_place *places = reallocarray(
	    round->places, round->place_count + 1, sizeof(*places));

	if (places == NULL)
		return no_memory(err);
	round->places = places;
	*ret_open = repository_open(path, ret_repository, &one) == 0;
	char *copy = strdup(*ret_open ? ret_repository->path : path);
	if (copy == NULL)
		return no_memory(err);
	*ret_place = round->place_count++;
	places[*ret_place] =
	    (struct status_place){ .path = copy, .readable = true };
	return *ret_open ? 0
			 : status_round_trouble(round,
			       &(struct status_object){ .place = *ret_place },
			       &one, err);
}

/* Room for one more, which is not counted yet. */
static struct status_one *
next_one(struct status_round *round, const struct status_question *question,
    struct err *err)
{
	if (round->count == round->room) {
		size_t room = round->room == 0 ? 16 : round->room * 2;
		struct status_one *list =
		    reallocarray(round->list, room, sizeof(*list));

		if (list == NULL) {
			(void)no_memory(err);
			return NULL;
		}
		round->list = list;
		round->room = room;
	}
	struct status_one *one = &round->list[round->count];
	*one = (struct status_one){
		.place = question->place,
		.job = question->job,
		.limits = question->limits,
	};
	return one;
}

int
status_round_add(struct status_round *round,
    const struct status_question *question, const char *set, struct err *err)
{
	struct status_one *one = next_one(round, question, err);
	const struct status_request request = {
		.repository = question->repository,
		.set = set,
		.database = question->database,
		.state = question->state,
		.state_err = question->state_err,
		.look = question->look,
		.now_ms = round->now_ms,
	};
	struct err trouble;

	if (one == NULL || work_check(&round->session->work, err) < 0)
		return -1;
	if (status_gather(&request, &one->facts, &trouble) < 0) {
		if (!question->expected || trouble.kind != ERR_ABSENT)
			return status_round_trouble(round,
			    &(struct status_object){
				.place = question->place, .set = set },
			    &trouble, err);
		status_gather_none(set, round->now_ms, &one->facts);
	}
	round->count++;
	return 0;
}

void
status_round_drop(struct status_round *round)
{
	status_facts_done(&round->list[--round->count].facts);
}

void
status_round_auto(struct status_round *round)
{
	for (size_t i = 0; i < round->count; i++)
		status_facts_done(&round->list[i].facts);
	for (size_t i = 0; i < round->place_count; i++)
		free(round->places[i].path);
	free(round->list);
	free(round->places);
}

/* --- all of them -------------------------------------------------------- */

/* Whether it is the first or the same; else there is none of all. */
static void
keep_common(int64_t *common, int64_t limit, bool first)
{
	if (first)
		*common = limit;
	else if (*common != limit)
		*common = 0;
}

static void
keep_greatest(int64_t *greatest, int64_t age)
{
	if (age > *greatest)
		*greatest = age;
}

static void
count_severity(struct status_counts *counts, enum status_severity worst)
{
	switch (worst) {
	case STATUS_INFO:
		counts->fresh++;
		break;
	case STATUS_WARNING:
		counts->fresh++;
		counts->warnings++;
		break;
	case STATUS_ERROR:
		counts->errors++;
		break;
	case STATUS_DAMAGE:
	case STATUS_SEVERITIES:
		counts->damaged++;
		break;
	}
}

struct status_counts
status_round_counts(const struct status_round *round)
{
	struct status_counts counts = {
		.sets = round->count,
		.oldest_ms = STATUS_NEVER,
		.verify_oldest_ms = STATUS_NEVER,
	};

	for (size_t i = 0; i < round->count; i++) {
		const struct status_one *one = &round->list[i];
		const struct verdict verdict =
		    status_judge(&one->facts, &one->limits);

		count_severity(&counts, verdict_worst(&verdict));
		keep_greatest(&counts.oldest_ms, status_age_ms(&one->facts));
		keep_common(
		    &counts.limit_ms, status_limit_ms(&one->limits), i == 0);
		if (one->facts.verified_ms != STATUS_NEVER)
			keep_greatest(&counts.verify_oldest_ms,
			    round->now_ms - one->facts.verified_ms);
		keep_common(&counts.verify_limit_ms,
		    one->limits.max_verify_age_ms, i == 0);
		counts.bytes += one->facts.bytes;
		counts.week_bytes += one->facts.week_bytes;
	}
	return counts;
}

/* The error about the first of the worst sets; false: none is so bad. */
static bool
first_of(const struct status_round *round, const struct status_judging *judging,
    struct err *err)
{
	enum status_severity least =
	    judging->strict ? STATUS_WARNING : STATUS_ERROR;
	enum status_severity worst = STATUS_INFO;
	size_t bad = 0;

	for (size_t i = 0; i < round->count; i++) {
		const struct status_one *one = &round->list[i];
		const struct verdict verdict =
		    status_judge(&one->facts, &one->limits);
		const struct status_finding *first = verdict_first(&verdict);

		if (verdict_worst(&verdict) < least)
			continue;
		bad++;
		if (first->severity <= worst)
			continue;
		worst = first->severity;
		(void)err_set(err,
		    worst == STATUS_DAMAGE ? ERR_DAMAGED : ERR_FAILED, 0,
		    "set '%s': %s%s%s", one->facts.set,
		    status_id_names[first->id], judging->shown ? "" : ": ",
		    judging->shown ? "" : first->text);
	}
	if (bad > 1)
		(void)err_within(
		    err, "%zu of %zu sets, the worst", bad, round->count);
	return bad > 0;
}

int
status_round_judge(const struct status_round *round,
    const struct status_judging *judging, struct err *err)
{
	struct err found = { .kind = ERR_NONE };
	bool bad = first_of(round, judging, &found);

	/* That a search led to nothing is the least. */
	if (bad &&
	    (found.kind == ERR_DAMAGED || round->trouble.kind == ERR_NONE ||
		round->trouble.kind == ERR_ABSENT)) {
		*err = found;
		return -1;
	}
	if (round->trouble.kind == ERR_NONE)
		return 0;
	*err = round->trouble;
	return -1;
}
