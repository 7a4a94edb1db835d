/*
 * What the steps of a backup have to tell goes into its result.
 */
#include "backup/job.h"

#include <stdarg.h>
#include <stdio.h>

void
job_notice(struct job *job, const char *fmt, ...)
{
	struct backup_result *result = job->result;
	va_list args;

	if (result->notices == BACKUP_NOTICES_MAX)
		return;
	char *text = result->notice[result->notices++];
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(result->notice[0]), fmt, args);
	va_end(args);
}
