/*
 * The switch: a proven image takes the name of the database, and what was
 * there is kept.
 *
 * In:  a finished draft for target->path, and the target as it was inspected
 *      before the work began.
 * Out: the draft under the name, durable; the old files aside.
 * Always true, whatever ends us: the path holds the old database or the new
 *      one, whole, and never the new one beside a side file of the old one.
 *      The one exception: an old database that SQLite cannot open is put
 *      aside first, and for that moment the path is empty.
 */
#ifndef RESTORE_PUBLISH_H
#define RESTORE_PUBLISH_H

#include <stdbool.h>

#include "base/draft.h"
#include "base/err.h"
#include "restore/aside.h"
#include "restore/target.h"

struct published {
	struct aside aside; /* what was put aside; also after a failure */
	bool replaced; /* there was a database */
	bool absent_meanwhile; /* there was none for a moment: damaged */
};

#define PUBLISHED_NONE \
	{ \
		.replaced = false \
	}

/* ERR_REFUSED when the target is in use or not as it was. */
int publish_run(const struct target *target, struct draft *draft,
    struct published *ret_published, struct err *err);

#endif
