/*
 * The pinned connection itself, for this room only: capture.c reads from it.
 */
#ifndef DATABASE_PIN_HANDLE_H
#define DATABASE_PIN_HANDLE_H

#include <sqlite3.h>

struct pin;

sqlite3 *pin_handle(struct pin *pin);

#endif
