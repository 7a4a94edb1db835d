/*
 * The parent: the snapshot that a backup into a repository continues from, or
 * the reason why there is none and a full is due.
 *
 * In:  a set of a repository, and the databases that shall go into it.
 * Out: the parent's manifest, and of the databases that it shares with them the
 *      page sums, proved by their roots, and the page tags, if they are
 *      remembered.
 * Always true: the set is of these databases (a path is an identity; some may
 *      join or leave, and that is told), or the answer is ERR_REFUSED.
 *      A snapshot that is known to be damaged is no parent.
 * Everything here is done before the pin: reading page sums out of archives can
 * take a while.  next: backup/increment.h
 */
#ifndef BACKUP_PARENT_H
#define BACKUP_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"
#include "repository/repository.h"
#include "repository/state.h"
#include "repository/state_tags.h"

/* A database that is looked for. */
struct parent_wanted {
	const char *name; /* in the archive */
	char path[4096]; /* absolute, printable */
	uint32_t page_size; /* as far as is known */
	const char *sums; /* see state_sums_open() */
};

/* It, in the parent. */
struct parent_found {
	const struct manifest_database *database; /* NULL: it joins the set */
	/* Its page sums; -1 where it cannot be an increment: it joins, or its
	 * page size changed. */
	int sums_fd;
	struct state_tags tags; /* with sums, if there are any */
};

struct parent_options {
	const struct repository *repository;
	const char *set;
	const struct parent_wanted *wanted;
	size_t count; /* of them, up to MANIFEST_DATABASES_MAX */
	const struct state *state; /* NULL: nothing is remembered */
	const char *scratch; /* folder for page sums that are made anew */
	bool full; /* a full is asked for */
	double full_every; /* seconds after which one is due; 0: never */
	const struct work *work; /* may be NULL */

	/* Whether all databases are known to be in the state of the snapshot;
	 * then their page sums are not looked for. */
	bool (*same)(void *ctx, const struct manifest *parent);
	void *ctx;
};

struct parent {
	bool usable; /* else a full is due, and `why` says why */
	bool trouble; /* ... and the reason is one to tell the operator */
	char why[400];
	struct manifest manifest; /* when usable */
	/* When usable and not `same`: in the order of what was wanted. */
	struct parent_found found[MANIFEST_DATABASES_MAX];
	size_t count;
	/* Which databases join the set or leave it; "": none. */
	char change[400];
	char chain[SNAPSHOT_ID_BYTES]; /* when usable: its chain's full */
	int64_t chain_ms; /* when usable: the time of that */
	bool settled; /* time alone will make no other snapshot the parent */

	/* What the last full of the set came to: 0 when there is none. */
	uint64_t full_image_bytes, full_archive_bytes;
};

#define PARENT_NONE \
	{ \
		.usable = false \
	}

/*
 * Damage in the repository is no error: the new full does not need what is
 * damaged, and `why` says it.  Afterwards parent_done() is due in any case.
 */
int parent_find(const struct parent_options *options, struct parent *ret_parent,
    struct err *err);
void parent_done(struct parent *parent);

#endif
