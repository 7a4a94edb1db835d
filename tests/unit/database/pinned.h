/*
 * For tests that pin the database of live.h: the pin, and what one says when
 * there is none to be had.
 */
#ifndef TESTS_UNIT_DATABASE_PINNED_H
#define TESTS_UNIT_DATABASE_PINNED_H

#include "database/pin.h"

/* What was inspected last, and why the last call failed. */
extern struct source pinned_source;
extern struct err pinned_err;

/* Looks at the database, which is fit to be pinned. */
void pinned_inspect(void);
void pinned_inspect_frozen(void);

/* pin_open() on what was inspected. */
int
pinned_try(unsigned timeout_ms, const struct work *work, struct pin **ret_pin);

/* Looks and pins; releases and closes.  Nothing of it fails. */
struct pin *pinned_open(void);
void pinned_let_go(struct pin *pin);

/* What was inspected cannot be pinned: kind, words of the text, of the hint. */
void pinned_refuse(enum err_kind kind, const char *words, const char *hint);

/* The first number that SQLite answers through the pin. */
long long pinned_ask(struct pin *pin, const char *sql);

#endif
