/*
 * The bill: what a backup cost a database's other users, and the checkpoint
 * that repays it (database/checkpoint_rule.h).
 *
 * For this room only.  Order of calls: bill_open() when the state is pinned,
 * bill_close() just before the pin ends, bill_settle() when its connection is
 * closed.  Everything goes into the manifest.
 */
#ifndef BACKUP_BILL_H
#define BACKUP_BILL_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "base/work.h"
#include "database/checkpoint.h"
#include "database/pin.h"
#include "database/source.h"

struct bill {
	bool stalls; /* a reader stops writers: without a WAL, unless frozen */
	double start; /* steady seconds */
	uint32_t writer; /* version of SQLite that wrote last */
	uint64_t owed; /* frames not checkpointed, when it was pinned */
};

void bill_open(struct bill *ret_bill, const struct source *source,
    const struct pin_facts *facts, struct manifest_database *db);

/* What the WAL has come to; the pin is still held.  A landing adds its own. */
void bill_close(const struct pin *pin, const struct source *source,
    struct manifest_database *db);

/* The pin is over, just now. */
void bill_time(const struct bill *bill, struct manifest_database *db);

/*
 * The checkpoint, as `mode` asks.  True when one that was asked for by name was
 * not made, which is worth a warning; the manifest says why.
 */
bool bill_settle(const struct bill *bill, const struct source *source,
    enum checkpoint_mode mode, double budget_seconds, const struct work *work,
    struct manifest_database *db);

#endif
