/*
 * The median is not moved by a night without backups; the longest gap keeps a
 * job of working days from being called stopped each Monday.
 */
#include "status/rhythm.h"

#include <stdlib.h>

static int
ascending(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

struct rhythm
rhythm_of(const int64_t *times, size_t count)
{
	struct rhythm rhythm = { .usual_ms = 0 };
	int64_t gaps[RHYTHM_GAPS_MAX];
	size_t n = 0;

	for (size_t i = count; i > 1 && n < RHYTHM_GAPS_MAX; i--)
		gaps[n++] = times[i - 1] - times[i - 2];
	if (n < RHYTHM_GAPS_LEAST ||
	    times[count - 1] - times[count - 1 - n] < RHYTHM_SPAN_LEAST_MS)
		return rhythm;
	qsort(gaps, n, sizeof(gaps[0]), ascending);
	rhythm.usual_ms = gaps[n / 2];
	rhythm.patience_ms = gaps[n - 1] + gaps[n - 1] / 2;
	if (rhythm.patience_ms < 3 * rhythm.usual_ms)
		rhythm.patience_ms = 3 * rhythm.usual_ms;
	return rhythm;
}
