/*
 * The end of a long pin, made soft.
 *
 * When a pin ends, the application's next automatic checkpoint has all to write
 * back that the pin kept waiting, inside one commit.  Instead we write it back,
 * beside its commits (backfill.h), in rounds that become shorter, until little
 * is left.  Meanwhile a reader of ours holds a state that is not the newest, so
 * that no round comes to the end of the WAL: that is left to the application.
 *
 * Nothing is done where little is waiting, or where nobody writes.
 * Whatever fails: the application does it, as it always did.  Owner's thread.
 */
#ifndef DATABASE_LANDING_H
#define DATABASE_LANDING_H

#include <stdint.h>

#include "base/work.h"
#include "database/source.h"

/* Less is written back in a moment anyway. */
enum { LANDING_LEAST_BYTES = 16 << 20 };

struct landing;

/*
 * Just before the pin is let go: it kept `waiting` bytes of pages in the WAL
 * from being written back.  `source` as it was pinned, in WAL mode; it outlives
 * the landing.  *ret_landing is NULL when there is nothing to do, or it cannot
 * be done.
 */
void landing_begin(const struct source *source, uint64_t waiting,
    struct landing **ret_landing);

/*
 * The pin is gone.  Frames that were written back; `landing` may be NULL.  A
 * stop request or a limit of *work ends it: the WAL grows meanwhile as it did
 * under the pin.
 */
uint64_t landing_descend(struct landing *landing, const struct work *work);

void landing_free(struct landing *landing);
void landing_auto(struct landing **place);

#endif
