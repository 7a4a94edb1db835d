/*
 * Letting go of a long pin in steps.
 *
 * When a pin ends, the application's next automatic checkpoint has all to write
 * back that the pin kept waiting, inside one commit.  So while the pin is held,
 * further readers take hold of later states; a checkpoint comes no further than
 * to the oldest of them, and each lets go when one has come to it.  What would
 * have been one long commit becomes several short ones.
 *
 * Two at most, because a WAL has marks for four readers, and others need them.
 * None where the WAL grew by little.  Whatever fails: there is one step less.
 * Owner's thread.
 */
#ifndef DATABASE_LANDING_H
#define DATABASE_LANDING_H

#include <stdint.h>

#include "base/work.h"
#include "database/source.h"

struct landing;

/* `source` as it was pinned, in WAL mode; it outlives the landing. */
int landing_new(const struct source *source, uint64_t wal_bytes,
    struct landing **ret_landing, struct err *err);

/*
 * While the pin is held: `part` (0 to 1) of its pages are taken, and the -wal
 * has `wal_bytes`.  Takes a step when it is due.
 */
void landing_look(struct landing *landing, double part, uint64_t wal_bytes);

/*
 * The pin is gone: lets go of one step after the other, each when the
 * application's checkpoints have come to it, or after a moment.
 */
void landing_descend(struct landing *landing, const struct work *work);

/* Lets go at once. */
void landing_free(struct landing *landing);

#endif
