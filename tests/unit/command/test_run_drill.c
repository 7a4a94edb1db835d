/* When a drill is due. */
#include "command/run_drill.h"

#include <criterion/criterion.h>

static const int64_t now = 1795784400000;

static bool
due(double every, double ago)
{
	return run_drill_is_due(every, now - (int64_t)(ago * 1000), now);
}

Test(run_drill, never_asked_for)
{
	cr_expect(!run_drill_is_due(0, 0, now));
	cr_expect(!due(0, 1e9));
}

Test(run_drill, never_done)
{
	cr_expect(run_drill_is_due(86400, 0, now));
}

Test(run_drill, after_its_time_or_a_little_before)
{
	cr_expect(due(7 * 86400, 7 * 86400));
	cr_expect(due(7 * 86400, 7 * 86400 - 3599), "an hour early");
	cr_expect(!due(7 * 86400, 7 * 86400 - 3601));
	cr_expect(!due(7 * 86400, 6 * 86400));
	cr_expect(due(600, 541), "a tenth");
	cr_expect(!due(600, 539));
	cr_expect(due(7 * 86400, 1e9));
}

Test(run_drill, one_from_the_future_says_nothing)
{
	cr_expect(due(86400, -50));
}
