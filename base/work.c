/*
 * Relaxed atomics are enough: the numbers are shown to a person, and a stop
 * request may be seen a moment late.
 */
#include "base/work.h"

#include <string.h>

#include "base/clock.h"

static const uint64_t gather_bytes = 1 << 20;

void
work_phase(struct work *work, const char *phase, uint64_t total)
{
	if (work == NULL)
		return;
	atomic_store_explicit(&work->done, 0, memory_order_relaxed);
	atomic_store_explicit(&work->total, total, memory_order_relaxed);
	atomic_store_explicit(&work->phase, phase, memory_order_relaxed);
}

void
work_add(struct work *work, uint64_t bytes)
{
	if (work != NULL)
		atomic_fetch_add_explicit(
		    &work->done, bytes, memory_order_relaxed);
}

void
work_gather(struct work *work, uint64_t *gathered, uint64_t bytes)
{
	*gathered += bytes;
	if (*gathered < gather_bytes)
		return;
	work_add(work, *gathered);
	*gathered = 0;
}

int
work_check(const struct work *work, struct err *err)
{
	if (work == NULL)
		return 0;

	int signal = atomic_load_explicit(&work->stop, memory_order_relaxed);
	if (signal != 0)
		return err_set(err, ERR_STOPPED, signal,
		    "stopped by signal %d (%s)", signal, strsignal(signal));
	return work->limit == NULL ? 0 : work->limit(work->limit_ctx, err);
}

bool
work_is_stopped(const struct work *work)
{
	return work != NULL &&
	       atomic_load_explicit(&work->stop, memory_order_relaxed) != 0;
}

bool
work_is_over(const struct work *work, double deadline)
{
	struct err ignored = { .kind = ERR_NONE };

	return clock_steady() >= deadline || work_check(work, &ignored) < 0;
}
