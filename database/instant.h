/*
 * One instant for several databases: their pins begin anew, all of them in a
 * moment in which nobody can commit to any of them.
 *
 * In:  open pins.
 * Out: the same pins, each in a new read transaction.
 * Always true on success: there was a moment at which all of these states were
 *      the newest ones.  So a transaction that wrote to several of them through
 *      ATTACH is in all of them or in none, and of transactions that followed
 *      each other no later one is there without the earlier.
 * After a failure the pins may be without a transaction: only pin_close().
 * In WAL mode a second connection holds the write lock for that moment; it
 * writes nothing and is closed again.  A database with a rollback journal needs
 * none: its pin keeps commits out as long as it lasts.  One thread.
 */
#ifndef DATABASE_INSTANT_H
#define DATABASE_INSTANT_H

#include <stddef.h>

#include "base/err.h"
#include "base/work.h"
#include "database/pin.h"

struct instant_options {
	unsigned busy_timeout_ms; /* how long to try */
	const struct work *work; /* asked between tries; may be NULL */
};

/* What it cost the application. */
struct instant_cost {
	double held_seconds; /* how long commits were kept out, in WAL mode */
	unsigned tries; /* the one that worked, too */
};

/*
 * ERR_BUSY when it was not had in time; ERR_REFUSED for a WAL database that we
 * may not write to and thus cannot lock.
 */
int instant_take(struct pin *const *pins, size_t count,
    const struct instant_options *options, struct instant_cost *ret_cost,
    struct err *err);

#endif
