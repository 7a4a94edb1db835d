/*
 * Recall: a snapshot of a repository becomes a database under its name.
 *
 * In:  a repository, a set, and which of its snapshots is wanted: by id, by
 *      time, or the newest.
 * Out: the plan (which snapshot, from which archives), and the restored
 *      database.
 * Always true: what is restored is the snapshot that was wanted; or, only when
 *      that was allowed, the newest good one before it, and the plan says so.
 *      Nothing in the repository is changed.
 * next: restore/restore.h
 */
#ifndef RESTORE_RECALL_H
#define RESTORE_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"
#include "repository/catalog.h"
#include "repository/chain.h"
#include "repository/repository.h"
#include "restore/lineage.h"
#include "restore/restore.h"

struct recall_options {
	const struct repository *repository;
	const char *set; /* NULL: the only one that there is */
	const char *snapshot; /* for catalog_find(); NULL or "latest": the
			       * newest, good or not */
	bool by_time; /* instead: the newest at or before `time_ms` */
	int64_t time_ms;
	const char *database; /* of a set: only this one; NULL: all */
	bool fallback; /* a good one before it will do */

	const char *target;
	bool replace;
	enum restore_check check;
	unsigned threads;
	struct work *work; /* may be NULL */
};

struct recall {
	struct catalog catalog;
	size_t wanted; /* index in its list */
	size_t chosen; /* what is or will be restored; another than `wanted`
			* only with `fallback` */
	struct err why; /* then: what is wrong with the wanted one */
	struct chain chain; /* of the chosen one */
	struct lineage lineage; /* its archives */
};

/*
 * What would be restored.  ERR_DAMAGED when the listing shows that the wanted
 * one cannot be; the hint names the newest good one before it.  ERR_REFUSED
 * for a target inside the repository.  Always recall_done() afterwards.
 */
int recall_plan(const struct recall_options *options, struct recall *ret_recall,
    struct err *err);

/*
 * Restores it.  When an archive is found to be damaged, the error says which
 * snapshots need it; with `fallback` the next one is tried, and *recall says
 * then what was taken in the end.  *ret_result as restore_run() says.
 */
int recall_run(const struct recall_options *options, struct recall *recall,
    struct restore_result *ret_result, struct err *err);

/* As restore_preview(): only what recall_run() would refuse. */
int recall_preview(const struct recall_options *options,
    const struct recall *recall, struct restore_foreseen *ret_foreseen,
    struct err *err);

void recall_done(struct recall *recall);
void recall_auto(struct recall *recall);

#endif
