/*
 * The pin: one read transaction on a live database that fixes one committed
 * state for as long as it is held.
 *
 * In:  a source that was inspected.
 * Out: a connection inside a read transaction, and the facts of its state.
 * Always true while pinned: the connection never writes, never checkpoints,
 *      never rolls back a journal; source and connection are the same file.
 * After pin_close(): the folder holds what it held before: side files that
 *      were there still are, those that SQLite made for us alone are gone
 *      (design 5.5).
 * A held pin blocks nobody in WAL mode; in rollback-journal mode it keeps
 * writers from committing.  One thread owns a pin.
 */
#ifndef DATABASE_PIN_H
#define DATABASE_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"
#include "database/source.h"

struct pin_options {
	unsigned busy_timeout_ms; /* how long to wait for a lock */
	const struct work *work; /* asked while waiting; may be NULL */
	bool evidence; /* evidence_take() will be called */
};

struct pin_facts {
	uint32_t page_size;
	uint32_t page_count; /* of the pinned state */
	bool wal; /* pinned through the WAL */
	struct header header; /* of the pinned state's page 1 */
	const uint8_t *page_one; /* page_size bytes, valid while pinned */
	int64_t start_ms; /* wall clock when the state was fixed */
	double start_steady;
	unsigned busy_retries; /* times a lock was waited for */
	/* As pin_wal_state() says, when the state was fixed. */
	uint64_t wal_frames, wal_not_checkpointed;
};

struct pin;

/*
 * Opens the source and pins its current state.  ERR_BUSY when a lock was not
 * had in time, ERR_INPUT for a hot journal or a WAL that cannot be read (both
 * with a hint), ERR_DAMAGED when SQLite cannot make sense of the file,
 * ERR_REFUSED when a source that is said to be frozen is not (stillness.h).
 */
int pin_open(const struct source *source, const struct pin_options *options,
    struct pin **ret_pin, struct err *err);

const struct pin_facts *pin_facts(const struct pin *pin);

/*
 * Frames in the WAL and how many of them are not yet in the main file, at this
 * moment, from SQLite's own mapping of the -shm; zeros without a WAL.
 */
void pin_wal_state(const struct pin *pin, uint64_t *ret_frames,
    uint64_t *ret_not_checkpointed);

/* Ends the read transaction; the connection stays.  Once. */
int pin_release(struct pin *pin, struct err *err);

/* Closes by the rules above and frees.  *pin is gone even on failure. */
int pin_close(struct pin *pin, struct err *err);

/* Abandons: as pin_close(), errors are dropped. */
void pin_auto(struct pin **place);

#endif
