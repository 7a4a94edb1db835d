/*
 * The pinned connection itself, for this room only: capture.c reads from it.
 */
#ifndef DATABASE_PIN_HANDLE_H
#define DATABASE_PIN_HANDLE_H

#include <sqlite3.h>

#include "base/err.h"
#include "database/read_ahead.h"

struct pin;

sqlite3 *pin_handle(struct pin *pin);

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
