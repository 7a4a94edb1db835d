/*
 * The limits that end a pin: how long it may last, how long it may stop
 * writers, how much the WAL may grow under it, and how much room must be left
 * on the database's own filesystem.  The last two hold for a landing
 * (landing.h), too: they end it.  Who watches the WAL grow also has it
 * written (wal_behind.h).
 *
 * While in force they are asked through work_check(), that is also while a
 * slow pipe is waited for.  Owner's thread only.
 *
 * Databases that are pinned together are watched together: one's WAL grows
 * while another's pages are read.
 */
#ifndef BACKUP_LIMITS_H
#define BACKUP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/work.h"
#include "database/source.h"
#include "database/wal_behind.h"

struct limits {
	const struct source *source;
	double start; /* steady seconds when the pin began */
	double max_seconds; /* 0: no limit */
	uint64_t wal_before; /* bytes */
	uint64_t max_growth; /* bytes; 0: no limit */
	bool stalls; /* writers cannot commit meanwhile */
	double max_stall; /* seconds of that; 0: no limit */
	uint64_t min_free; /* bytes; 0: no limit */
	struct wal_behind behind;
	double next_look; /* steady seconds; the -wal is not stat()ed
				 * more often than needed */
	struct limits *next; /* of another one that is pinned; may be NULL */
};

/* Of a pin, once, before limits_begin(): also has its WAL written behind. */
void limits_prepare(struct limits *limits);

/* From here to limits_end(), work_check(work) also answers ERR_BUSY. */
void limits_begin(struct limits *limits, struct work *work);
void limits_end(struct work *work);

#endif
