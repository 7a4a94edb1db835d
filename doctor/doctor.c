/*
 * The findings come in the order of the table, so that the report of a state
 * that has not changed reads the same.
 */
#include "doctor/doctor.h"

#include <stdlib.h>

#include "base/clock.h"
#include "doctor/judge.h"

static int
by_id(const void *a, const void *b)
{
	const struct diagnosed *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int
doctor_examine(const struct facts_request *request,
    struct examination *ret_examination, struct err *err)
{
	struct examination *examination = ret_examination;
	struct diagnosis *diagnosis = &examination->diagnosis;

	examination->time_ms = clock_now_ms();
	diagnosis->count = 0;
	if (facts_gather(request, &examination->facts, err) < 0)
		return -1;
	judge_state(&examination->facts, diagnosis);
	judge_locks(&examination->facts, diagnosis);
	judge_files(&examination->facts, diagnosis);
	judge_place(&examination->facts, diagnosis);
	qsort(diagnosis->list, diagnosis->count, sizeof(diagnosis->list[0]),
	    by_id);
	return 0;
}
