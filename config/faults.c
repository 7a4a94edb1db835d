/*
 * A list that grows by doubling, to its bound.  A fault for which there is no
 * memory is counted all the same: that something is wrong is never lost.
 */
#include "config/faults.h"

#include <stdlib.h>

void
faults_add(struct faults *faults, const struct err *err)
{
	size_t count = faults->count;

	faults->all++;
	if (count == FAULTS_MAX)
		return;
	/* A power of two: the room is used up. */
	if ((count & (count - 1)) == 0) {
		struct err *list = reallocarray(
		    faults->list, count == 0 ? 1 : count * 2, sizeof(*list));
		if (list == NULL)
			return;
		faults->list = list;
	}
	faults->list[faults->count++] = *err;
}

int
faults_first(const struct faults *faults, struct err *err)
{
	if (faults->all == 0)
		return 0;
	if (faults->count == 0)
		return err_set(err, ERR_FAILED, 0,
		    "there was no memory to keep what is wrong");
	*err = faults->list[0];
	return -1;
}

void
faults_done(struct faults *faults)
{
	free(faults->list);
	*faults = (struct faults)FAULTS_NONE;
}

void
faults_auto(struct faults *faults)
{
	faults_done(faults);
}
