/*
 * One database of a backup: what is taken from its pinned state, as a full
 * (full.h) or as an increment (increment.h), and what the pin cost it.
 *
 * For this room only.  Order of calls: part_describe(), part_watch(),
 * part_begin() and part_capture() while it is pinned, part_let_go(),
 * part_repay(), part_settle(), part_store(); of a database that is known to be
 * unchanged (unchanged.h) only the last three.
 */
#ifndef BACKUP_PART_H
#define BACKUP_PART_H

#include "backup/job.h"
#include "base/err.h"

/*
 * Fills what the manifest says of the state that is pinned; opens the bill.  At
 * once: the WAL grows from now on.
 */
void part_describe(struct job *job, struct part *part);

/*
 * Its limits are in force whenever a database is captured while it is pinned.
 * The part stays where it is from here on.
 */
void part_watch(const struct job *job, struct part *part);

/* It becomes an increment on the same database in the parent. */
void part_follow(struct part *part, const struct manifest_database *parent);

/*
 * What is known of the state decides which pages of it are taken.  Pages that
 * go straight into the archive need it for themselves until part_let_go().
 */
int part_begin(struct job *job, struct part *part, struct err *err);

/*
 * Every page leaves the database while it is pinned; nothing slow happens, but
 * for the pace that was asked for.  That is kept only where a pin stops nobody;
 * elsewhere what was copied to the spool is stored at that pace.
 */
int part_capture(struct job *job, struct part *part, struct err *err);

/* Lets go of the database and writes down what the pin cost it. */
int part_let_go(struct job *job, struct part *part, struct err *err);

/* The checkpoint that was asked for, or a notice why there is none. */
void part_repay(struct job *job, struct part *part);

/*
 * What was taken is complete; it may rest until it is stored.  *ret_nothing
 * when nothing changed since the parent.
 */
int part_settle(
    struct job *job, struct part *part, bool *ret_nothing, struct err *err);

/* Into the archive, if it is not there. */
int part_store(struct job *job, struct part *part, struct err *err);

/* Gives up what was not finished. */
void part_done(struct part *part);

#endif
