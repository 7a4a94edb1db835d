/*
 * Everything that is known of a set before anything is said of it: what its
 * catalog lists, what this machine remembers of it, and its databases as they
 * lie there.  Gathering is separate from judging, so that each judgement can be
 * tried with facts that are made up.
 *
 * Nothing is written or made, neither in the repository nor in the state.
 */
#ifndef STATUS_FACTS_H
#define STATUS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/layout.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "repository/repository.h"
#include "status/live.h"
#include "status/rhythm.h"

/* A moment that there was not; others are milliseconds since 1970, UTC. */
#define STATUS_NEVER INT64_C(-1)

/* What a clock may be ahead of ours before its snapshots are of the future. */
#define STATUS_SKEW_MS (INT64_C(2) * 60 * 1000)

/* Databases of the time before the newest snapshot are compared with it. */
#define STATUS_BEFORE_MS (INT64_C(24) * 3600 * 1000)

enum { STATUS_TEXT_BYTES = 400 };

struct status_database {
	char name[MEMBER_NAME_MAX + 1];
	uint64_t bytes; /* in the newest snapshot that is good */
	uint64_t before_bytes; /* in the one before; 0: there is none */
	char *path; /* where it was backed up, if that is this machine */
	struct live live;
};

struct status_facts {
	char set[MEMBER_NAME_MAX + 1];
	int64_t now_ms;

	/* what is listed */
	size_t snapshots;
	size_t faulty; /* cannot be restored, as the listing tells */
	char faulty_text[STATUS_TEXT_BYTES]; /* the first of them */
	size_t unreadable; /* not faulty: this user or version cannot tell */
	char unreadable_text[STATUS_TEXT_BYTES];
	size_t future; /* good, but of after now */
	int64_t latest_ms; /* the time of the last of them */
	int64_t oldest_ms, newest_ms; /* good, and not of the future */
	char newest[SNAPSHOT_ID_BYTES];
	char before[SNAPSHOT_ID_BYTES]; /* what the newest is compared with */
	char left[MEMBER_NAME_MAX + 1]; /* a database of that one that the
			* newest does not have; "": there is none */
	struct rhythm rhythm;

	uint64_t bytes, week_bytes, month_bytes; /* of archives that are there:
			* all, of 7 days, of 30 days */
	uint64_t database_bytes, before_bytes; /* of all databases: in the
			* newest snapshot, in the one that is compared */

	/* what this machine remembers */
	bool remembers; /* false: it cannot be read */
	char forgotten_text[STATUS_TEXT_BYTES]; /* then: why */
	int64_t seen_ms; /* the newest snapshot was the database's state still:
			  * at least its own time */
	int64_t verified_ms, restored_ms; /* state_checks_last() */
	int64_t drilled_ms; /* state_drill_last(): of a job, with what it
			     * asserts */
	int64_t drill_failed_ms; /* state_drill_failure() */
	size_t damaged; /* listed as good, and found damaged */
	char damaged_id[SNAPSHOT_ID_BYTES]; /* the first of them */
	/* Of the snapshot that was drilled last of all that are there, SQLite
	 * said that the database is damaged. */
	bool ill;
	char ill_id[SNAPSHOT_ID_BYTES];

	/* It was to hold one database, and its newest snapshot holds others. */
	bool other;
	char wanted_text[STATUS_TEXT_BYTES]; /* then: the path of that one */
	char held_text[STATUS_TEXT_BYTES]; /* and of what is there */

	/* its databases, in the newest snapshot that is good */
	struct status_database *databases;
	size_t database_count;
};

struct status_request {
	const struct repository *repository;
	const char *set;
	const char *database; /* that is to be in it, as source.h has its path;
			       * NULL: whatever there is */
	const char *state; /* the folder of all state; NULL: see state_err */
	const struct err *state_err; /* why there is none */
	bool look; /* at the databases, where they are this machine's */
	int64_t now_ms;
};

/* -1 as catalog_read() has it. */
int status_gather(const struct status_request *request,
    struct status_facts *ret_facts, struct err *err);

/* A set that is not in the repository. */
void status_gather_none(
    const char *set, int64_t now_ms, struct status_facts *ret_facts);

void status_facts_done(struct status_facts *facts);
void status_facts_auto(struct status_facts *facts);

#endif
