/*
 * Examines one snapshot of a repository: whether it can be restored.
 *
 * In:  a set's catalog, and one of its snapshots; its ancestors were examined
 *      before, and what was found is noted in the catalog.
 * Out: the answer and the findings.
 * Stored: what the listing shows; the archive as archive_read.h proves it; its
 *      size and SHA-256, its id, its root and its whole manifest against the
 *      detached one; of an increment, the root that the sums of its chain
 *      make.
 * Rebuilt: the image as a restore would make it, in a scratch file without a
 *      name, checked by SQLite, and asked what the operator asserts.
 */
#ifndef RESTORE_EXAMINE_H
#define RESTORE_EXAMINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "repository/catalog.h"
#include "restore/asserted.h"
#include "restore/replay.h"
#include "restore/verify.h"

struct examine_options {
	struct catalog *catalog;
	struct replay *replay; /* of it */
	bool rebuild;
	enum integrity_level check; /* of the rebuilt image */
	const struct assertions *assertions; /* the same; NULL: none */
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	struct work *work; /* may be NULL */
};

struct examine_result {
	enum verify_answer answer;
	bool rebuilt;
	/* Its own archive is not what it must be: whoever descends from it
	 * cannot be restored, and the catalog says so now. */
	bool culprit;
	struct findings findings;
	struct asserted asserted; /* of the rebuilt image, if not damaged */
};

/*
 * -1 only when no answer could be found (reading, space, a stop request).  The
 * result is freed with examine_result_auto(), also after a failure.
 */
int examine_snapshot(const struct examine_options *options, size_t at,
    struct examine_result *ret_result, struct err *err);
void examine_result_auto(struct examine_result *result);

#endif
