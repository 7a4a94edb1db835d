/*
 * The list is built anew at each look, beside that of the look before.  When
 * there are more than it holds, the rest is always new.
 */
#include "doctor/holdings.h"

#include <stddef.h>

static uint32_t
stamp_of(enum lock_name lock, const struct wal_marks *marks)
{
	if (!marks->known)
		return 0;
	if (lock == WAL_LOCK_WRITE)
		return marks->change;
	if (lock > WAL_LOCK_READ_0 && lock <= WAL_LOCK_READ_4)
		return marks->read_mark[lock - WAL_LOCK_READ_0];
	return 0;
}

static const struct holding *
find(const struct holding *list, unsigned count, pid_t pid, enum lock_name lock)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].pid == pid && list[i].lock == lock)
			return &list[i];
	return NULL;
}

static void
note(struct holdings *holdings, unsigned old_count, struct holding holding)
{
	const struct holding *old = find(holdings->list[1 - holdings->turn],
	    old_count, holding.pid, holding.lock);

	if (old != NULL && old->stamp == holding.stamp)
		holding.since = old->since;
	if (holdings->count < HOLDINGS_MAX)
		holdings->list[holdings->turn][holdings->count++] = holding;
}

void
holdings_update(struct holdings *holdings, const struct locks *locks,
    const struct wal_marks *marks, double now)
{
	unsigned old_count = holdings->count;

	holdings->now = now;
	holdings->count = 0;
	holdings->turn = 1 - holdings->turn;
	for (unsigned i = 0; i < locks->listed; i++)
		for (enum lock_name lock = 0; lock < LOCK_NAMES; lock++)
			if (lock != WAL_LOCK_ALIVE &&
			    lock_held(&locks->list[i], lock))
				note(holdings, old_count,
				    (struct holding){
					.pid = locks->list[i].pid,
					.lock = lock,
					.stamp = stamp_of(lock, marks),
					.since = now,
				    });
}

double
holdings_seconds(
    const struct holdings *holdings, pid_t pid, enum lock_name lock)
{
	const struct holding *found =
	    find(holdings->list[holdings->turn], holdings->count, pid, lock);

	return found == NULL ? 0 : holdings->now - found->since;
}
