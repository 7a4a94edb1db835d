/*
 * Images that nobody keeps: each database of a lineage in a file without a
 * name, to be checked by SQLite.
 */
#ifndef RESTORE_SCRATCH_H
#define RESTORE_SCRATCH_H

#include <stddef.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "restore/unpack.h"

struct scratch {
	const char *folder; /* filled by the caller; lives as long */
	char shown[512]; /* for messages */
	struct scratch_file {
		char database[MEMBER_NAME_MAX + 1];
		int fd;
	} * files; /* allocated */
	size_t count;
};

/* unpack_options.image; `ctx` is a struct scratch. */
int scratch_image(void *ctx, const char *database,
    struct unpack_image *ret_image, struct err *err);

/* Has SQLite check all of them. `name` is the archive's. */
int scratch_check(const struct scratch *scratch, const char *name,
    enum integrity_level level, struct work *work, struct findings *findings,
    struct err *err);

void scratch_auto(struct scratch *scratch);

#endif
