/*
 * The pinned connection itself, for this room only: capture.c reads from it,
 * instant.c begins it anew.  What evidence is made of.
 */
#ifndef DATABASE_PIN_HANDLE_H
#define DATABASE_PIN_HANDLE_H

#include <sqlite3.h>

#include "base/err.h"
#include "database/read_ahead.h"
#include "database/source.h"
#include "database/wal_marks.h"

struct pin;

sqlite3 *pin_handle(struct pin *pin);

/* As before the connection was opened. */
const struct source *pin_source(const struct pin *pin);

/*
 * The state is let go, the connection stays.  pin_resume() pins the newest one
 * and waits for nobody: ERR_BUSY when a lock is not to be had, or the journal
 * mode changed.  page_count is not known until pin_measure().
 */
int pin_pause(struct pin *pin, struct err *err);
int pin_resume(struct pin *pin, struct err *err);
int pin_measure(struct pin *pin, struct err *err);

/*
 * The header of the WAL that the pinned state ends with; NULL without a WAL,
 * when it was not asked for (pin_options.evidence), and when it is not known,
 * because somebody committed while the state was being pinned.
 */
const struct wal_marks *pin_log(const struct pin *pin);

/* Of its main file; off. */
struct read_ahead *pin_read_ahead(struct pin *pin);

/*
 * The read transaction is still the one that was begun, and the file that it
 * reads still has the source's name: ERR_INPUT when not; ERR_REFUSED when a
 * frozen source did not stand still.
 */
int pin_still_holds(struct pin *pin, struct err *err);

/*
 * ERR_DAMAGED when SQLite was asked for a page that the database lacks, which
 * was an error to SQLite, too.
 */
int pin_lacks_nothing(const struct pin *pin, struct err *err);

#endif
