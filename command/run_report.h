/*
 * What a run of a job did: one line for each set, one object for programs.
 */
#ifndef COMMAND_RUN_REPORT_H
#define COMMAND_RUN_REPORT_H

#include "command/run_job.h"

/* {"type":"job",...} and the lines; what failed was told before. */
void run_report(struct run *run);

#endif
