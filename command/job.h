/*
 * Jobs: what `litesafe run` is asked to do, and by what `litesafe status`
 * judges.
 *
 * A job is a section [job NAME] of the configuration: options, as if they had
 * been given on the command line.  What [job NAME] does not say is taken from
 * [global], then from the defaults.  The environment stands between the command
 * line and the file, as for every option, except for LITESAFE_REPOSITORY when
 * the job or [global] names a repository.
 */
#ifndef COMMAND_JOB_H
#define COMMAND_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "command/option_table.h"
#include "config/config.h"

/* In the order of their choices in the table of options. */
enum job_several { JOB_SEVERAL_AUTO, JOB_SEVERAL_EACH, JOB_SEVERAL_SET };
enum job_io { JOB_IO_UNCHANGED, JOB_IO_BEST_EFFORT, JOB_IO_IDLE };

struct job {
	const char *name;
	const struct config_section *section;
	/* .repository is the path behind `repository = NAME`;
	 * .databases has what is to be backed up; of several = set the job's
	 * name is the set's, unless `set` says another. */
	struct options options;
};

struct jobs {
	struct config config; /* the texts of all options */
	struct job *list; /* in the order of the file */
	size_t count;
};

/*
 * Reads the configuration that `base` (options of the command line) names, or
 * the default one, and makes its jobs.  What the command line gave wins in each
 * of them.  ERR_USAGE with file and line; ERR_ABSENT when there is none.
 */
int
jobs_read(const struct options *base, struct jobs *ret_jobs, struct err *err);

/*
 * The same, but all that is wrong is added to `faults`: 0 also then.  Jobs that
 * something is wrong with are there, too; they are for looking at.
 */
int jobs_survey(const struct options *base, struct jobs *ret_jobs,
    struct faults *faults, struct err *err);

void jobs_done(struct jobs *jobs);
void jobs_auto(struct jobs *jobs);

/* All of its databases are one set, .set; else each is its own. */
bool job_is_one_set(const struct options *options);

/* ERR_USAGE with the nearest name as hint when there is none. */
int jobs_find(const struct jobs *jobs, const char *name,
    const struct job **ret_job, struct err *err);

#endif
