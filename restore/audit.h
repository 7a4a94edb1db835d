/*
 * Audit: whether the snapshots of a repository can be restored, each for
 * itself, and whether something is missing or left over.
 *
 * In:  a repository.
 * Out: one report for each snapshot, parents before their children; one for
 *      each thing that is not as it must be and belongs to no snapshot.
 * Always true: a snapshot is reported as damaged exactly when it cannot be
 *      restored; nothing in the repository is changed.  A snapshot that a prune
 *      took away meanwhile is not reported at all.
 * Results are remembered in the state of this machine; not being able to is no
 * failure.
 * next: restore/examine.h
 */
#ifndef RESTORE_AUDIT_H
#define RESTORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "repository/catalog.h"
#include "repository/repository.h"
#include "restore/verify.h"

struct audit_report {
	const char *set; /* NULL: about the repository itself */
	const struct catalog *catalog; /* of the set; NULL as `set` */
	size_t at; /* the snapshot; SNAPSHOT_NONE: it is about: */
	const char *object; /* a file or an id that is no snapshot; the set's
			     * own name: the whole of it */
	const struct err *error; /* no answer could be found; else NULL: */
	enum verify_answer answer;
	enum verify_level level; /* what was done */
	bool culprit; /* others may need it: see affected.h */
	const struct findings *findings;
	const struct asserted *asserted; /* NULL: about no snapshot */
	double seconds;
};

struct audit_options {
	const struct repository *repository;
	const char *set; /* NULL: all */
	const char *state; /* base folder for state_open(); NULL: results are
			    * not remembered */
	enum verify_level level;
	bool all; /* VERIFY_RESTORE for every snapshot, not only for the newest
		   * of each set; the others get VERIFY_STORED */
	enum integrity_level check;
	const struct assertions
	    *assertions; /* of what is restored; NULL: none */
	const char *scratch;
	unsigned threads;
	bool newest_only; /* of each set the newest good snapshot, the
			   * ancestors that it needs, and nothing else */
	struct work *work; /* may be NULL */

	/* Around each snapshot: before the work on it, and with what came of
	 * it.  Other reports come without a begin(). */
	void (*begin)(void *ctx);
	void (*report)(void *ctx, const struct audit_report *report);
	void *ctx;
};

struct audit_result {
	unsigned snapshots; /* that got an answer */
	unsigned damaged; /* reports that say so */
	bool forgetful; /* some results could not be remembered: */
	struct err state;
};

/*
 * -1 only when nothing or not the rest could be looked at: the repository
 * itself, the set that was named, a stop request.
 */
int audit_run(const struct audit_options *options,
    struct audit_result *ret_result, struct err *err);

#endif
