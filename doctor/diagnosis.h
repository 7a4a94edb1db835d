/*
 * What was found out about one database, as data: findings, each with a name
 * that stays, how bad it is, what it means here, what to do, and which
 * processes it is about.
 */
#ifndef DOCTOR_DIAGNOSIS_H
#define DOCTOR_DIAGNOSIS_H

#include <stdint.h>

#include "base/process.h"
#include "doctor/finding_table.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

enum { DIAGNOSED_PROCESSES_MAX = 32 };

struct diagnosed_process {
	struct process process;
	double seconds; /* at least so long it has been as the finding says */
};

struct diagnosed {
	enum finding_id id;
	enum severity severity;
	char text[1024]; /* printable, no full stop */
	char advice[1024]; /* printable; "" when there is nothing to do */
	uint32_t frames; /* that it is about; 0: none */
	unsigned process_count; /* counted in full, without unseen ones */
	unsigned processes_listed;
	struct diagnosed_process process[DIAGNOSED_PROCESSES_MAX];
};

/* All zeros is the empty one.  Each id is found once at most. */
struct diagnosis {
	unsigned count;
	struct diagnosed list[FINDING_IDS];
};

/* "info", "warning", "error" */
const char *severity_name(enum severity severity);

/* SEVERITY_INFO when nothing was found. */
enum severity diagnosis_worst(const struct diagnosis *diagnosis);

/*
 * Adds a finding with its advice out of the table, in which `path` (the
 * database) takes the place of DATABASE.  Processes are added to what is
 * returned.
 */
struct diagnosed *diagnosis_add(struct diagnosis *diagnosis, enum finding_id id,
    enum severity severity, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

void
diagnosed_add_process(struct diagnosed *diagnosed, pid_t pid, double seconds);

#endif
