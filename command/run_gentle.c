/*
 * ioprio_set(2) has no function in the C library, and no header of its own for
 * programs: its few numbers are here.
 */
#include "command/run_gentle.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "command/job.h"

enum {
	IO_WHO_PROCESS = 1, /* 0: the calling thread */
	IO_CLASS_SHIFT = 13,
	IO_CLASS_BEST_EFFORT = 2,
	IO_CLASS_IDLE = 3,
	IO_LEVEL_LAST = 7,
};

static void
stand_back_for_processors(struct session *session)
{
	int wanted = (int)session->options.nice;

	errno = 0;
	int now = getpriority(PRIO_PROCESS, 0);
	if ((now == -1 && errno != 0) || wanted <= now)
		return;
	if (setpriority(PRIO_PROCESS, 0, wanted) < 0)
		say_warning(
		    &session->say, "nice = %d: %s", wanted, strerror(errno));
}

static void
stand_back_for_disks(struct session *session)
{
	long now = syscall(SYS_ioprio_get, IO_WHO_PROCESS, 0);
	int class = IO_CLASS_IDLE, level = 0;

	if (session->options.io_class == JOB_IO_UNCHANGED ||
	    (now >= 0 && now >> IO_CLASS_SHIFT == IO_CLASS_IDLE))
		return;
	if (session->options.io_class == JOB_IO_BEST_EFFORT) {
		class = IO_CLASS_BEST_EFFORT;
		level = IO_LEVEL_LAST;
	}
	if (syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0,
		class << IO_CLASS_SHIFT | level) < 0)
		say_warning(&session->say, "ionice: %s", strerror(errno));
}

void
run_gentle(struct session *session)
{
	stand_back_for_processors(session);
	stand_back_for_disks(session);
}
