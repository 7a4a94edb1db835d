/*
 * What this machine remembers of a set: the page sums of its newest snapshot,
 * by what to recognise that its database did not change (state_evidence.h), and
 * which snapshots were verified when and how.
 *
 * A folder STATE/REPOSITORY-ID/SET/ of mode 0700, in which everything is opened
 * below STATE without following a link: that folder may be another user's, with the files "sums",
 * "evidence" and "checks"; in a set of several databases NAME.sums and
 * NAME.evidence for each.
 * Never a source of truth: page sums are believed only
 * when their root is the one that the parent's manifest states, evidence only
 * when it fits the parent and for a limited time, a check result only tells
 * what was found then.  Whatever is missing, stale or damaged is made anew; the
 * state may be deleted at any time.
 */
#ifndef REPOSITORY_STATE_H
#define REPOSITORY_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "archive/sums.h"
#include "base/draft.h"
#include "base/err.h"
#include "repository/repository.h"

/*
 * Where state lives when --state does not say: /var/lib/litesafe for root, else
 * $XDG_STATE_HOME/litesafe, else ~/.local/state/litesafe.  ERR_USAGE when there
 * is no place (no HOME).
 */
int state_default_folder(char ret_path[PATH_MAX], struct err *err);

/*
 * The folder NAME in the state folder, of mode 0700, and what is missing of the
 * way to it; ERR_REFUSED when it is a link.  *ret_fd is the caller's to close.
 */
int state_subfolder(
    const char *base, const char *name, int *ret_fd, struct err *err);

struct state {
	char folder[PATH_MAX]; /* of the set; for messages */
	int fd; /* the same, open */
};

#define STATE_CLOSED \
	{ \
		.fd = -1 \
	}

/*
 * Makes the folders.  ERR_REFUSED when what has the name of one of them is a
 * link or a file.  *ret_state, which holds nothing yet, is closed by
 * state_auto().
 */
int state_open(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err);
void state_auto(struct state *state);

/*
 * For who only looks: makes nothing.  Of what is not there .fd is -1, and all
 * that is read of it is empty; an error when the checks in it cannot be read.
 */
int state_look(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err);

/* Of the name of a file in it, which may have a database's in front. */
enum { STATE_FILE_BYTES = MEMBER_NAME_MAX + 16 };

/* "WHAT", or "NAME.WHAT" of a database that is not alone. */
void
state_name(const char *name, const char *what, char ret_file[STATE_FILE_BYTES]);

/* A file in it to be read, following no link: as open(). */
int state_file(const struct state *state, const char *name);

/* A draft of one. */
int state_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err);

/*
 * The remembered page sums, proved to have the root of the parent: a descriptor
 * to close, or -1 when there are none, or others.  Never an error: then the
 * archives are read instead.  `name` is the database's; NULL: it is alone.
 */
int state_sums_open(const struct state *state, const char *name,
    const struct manifest_database *parent);

/*
 * A file for new sums; state_sums_keep() gives it its name, and flushes
 * nothing: what a power cut leaves of it has another root.
 */
int state_sums_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err);
int state_sums_keep(struct draft *draft, struct err *err);

enum state_level {
	STATE_NONE,
	/* The database was compared with it and was still the same: that says
	 * nothing of the stored bytes. */
	STATE_UNCHANGED,
	STATE_STORED,
	STATE_RESTORE
};
enum state_answer { STATE_OK, STATE_DAMAGED, STATE_UNVERIFIABLE };

struct state_check {
	char id[SNAPSHOT_ID_BYTES];
	char chain[SNAPSHOT_ID_BYTES]; /* the full that it descends from, or
					* "": not known */
	enum state_level level; /* what was checked */
	enum state_answer answer; /* what came of it */
	int64_t time_ms; /* when, wall clock, UTC */
	size_t order; /* of what is remembered: a greater one came later,
		       * whatever the clock said */
};

/*
 * The newest check of each level that was ever remembered for a snapshot, in
 * no order; *ret_list is the caller's to free.  Lines that cannot be read are
 * passed over.
 */
int state_checks_read(const struct state *state, struct state_check **ret_list,
    size_t *ret_count, struct err *err);

/*
 * Whether the last that is known of what is stored of a snapshot is that it is
 * damaged.  A database that SQLite found damaged was rebuilt for that: what is
 * stored of it was right.
 */
bool state_checks_damaged(
    const struct state_check *list, size_t count, const char *id);

/*
 * The newest check that any snapshot passed at this level (stored or restore)
 * or a more thorough one, at or before a time: a clock that was wrong once does
 * not count for ever.  What cannot be checked passed: everything stored was
 * read for that.  NULL: none is remembered.
 */
const struct state_check *state_checks_last(const struct state_check *list,
    size_t count, enum state_level level, int64_t until_ms);

/* Whether any damage at all is remembered that was found; quick. */
bool state_checks_any_damaged(const struct state *state);

/* Remembers a check; one call for each snapshot.  Appends, flushes nothing. */
int state_check_add(const struct state *state, const struct state_check *check,
    struct err *err);

/*
 * Forgets all but those of `ids` and the state_checks_last() of each level: when
 * a set was verified last is known also when that snapshot is gone.
 */
int state_checks_retain(const struct state *state,
    const char (*ids)[SNAPSHOT_ID_BYTES], size_t count, struct err *err);

#endif
