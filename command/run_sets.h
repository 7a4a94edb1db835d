/*
 * What one run of a job did to each set: written by the steps, one after the
 * other, read by hooks and by the report.
 */
#ifndef COMMAND_RUN_SETS_H
#define COMMAND_RUN_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "command/backup_one.h"

enum run_drill { RUN_DRILL_NONE, RUN_DRILL_OK, RUN_DRILL_FAILED };

struct run_set {
	char *name;
	char *error; /* why its backup failed; NULL: it did not */
	char id[SNAPSHOT_ID_BYTES]; /* stored now, or known to be the same
				     * state; "" when it failed */
	bool full, unchanged;
	bool proved; /* what was stored was read back, as the job asks */
	uint64_t bytes; /* stored now */
	double pin_seconds, seconds;
	enum run_drill drill;
	size_t pruned;
	uint64_t freed;
};

struct run_sets {
	struct run_set *list; /* in the order of the backups */
	size_t count, room;
	bool lost; /* memory was gone: some are not there */
};

/* backup_place.told; `ctx` is a struct run_sets. */
void run_sets_told(void *ctx, const struct backup_story *story);

/* ERR_FAILED when some are not there: nobody knows what became of them. */
int run_sets_check(const struct run_sets *sets, struct err *err);

void run_sets_auto(struct run_sets *sets);

/* The parts of a set that programs get as text. */
enum run_sets_field {
	RUN_SETS_NAME,
	RUN_SETS_SNAPSHOT,
	RUN_SETS_BYTES,
	RUN_SETS_PIN,
};

/*
 * One line for each set, without an end after the last; the caller's to free;
 * NULL when memory is gone.  Of the first RUN_SETS_LISTED sets: an environment
 * has limits.
 */
enum { RUN_SETS_LISTED = 400 };
char *run_sets_lines(const struct run_sets *sets, enum run_sets_field field);

#endif
