/*
 * Verify: the walk of a restore with nowhere to publish.
 *
 * Level stored: every frame, member, page sum, the root, the manifest.
 * Level restore: the same, into a scratch file without a name, which SQLite
 * then checks.  An increment has no image of its own: without the archives that
 * it builds on it is proved as it is stored, and the rest cannot be checked.  Three answers, never
 * a guess.  What the operator asserts is asked of an image that is not damaged,
 * and changes nothing in the answer: it is about the content, not the copy.
 */
#ifndef RESTORE_VERIFY_H
#define RESTORE_VERIFY_H

#include <stdbool.h>

#include "archive/archive_read.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "restore/asserted.h"
#include "restore/lineage.h"

enum verify_level { VERIFY_STORED, VERIFY_RESTORE };

enum verify_answer { VERIFY_OK, VERIFY_DAMAGED, VERIFY_UNVERIFIABLE };

struct verify_options {
	int fd; /* at the beginning of the archive */
	const char *name;
	/* Of an increment: the archives that it builds on, when they are at
	 * hand; NULL: they are not. */
	const struct lineage *ancestors;
	enum verify_level level;
	enum integrity_level check; /* for VERIFY_RESTORE */
	const struct assertions *assertions; /* the same; NULL: none */
	const char *scratch; /* folder for the scratch file */
	unsigned threads;
	struct work *work; /* may be NULL */
};

struct verify_result {
	enum verify_answer answer;
	bool unsound; /* every stored byte is right; SQLite found the damage */
	struct archive_contents contents;
	struct findings findings;
	struct asserted asserted;
	double seconds;
};

/* -1 only when no answer could be found (reading, space, a stop request). */
int verify_run(const struct verify_options *options,
    struct verify_result *ret_result, struct err *err);
/* Always afterwards. */
void verify_result_done(struct verify_result *result);

#endif
