/*
 * Faults: all errors of one reading, so that who checks a configuration sees
 * them together and not one after the other.
 *
 * At most FAULTS_MAX are kept; more are counted.  One thread.
 */
#ifndef CONFIG_FAULTS_H
#define CONFIG_FAULTS_H

#include <stddef.h>

#include "base/err.h"

enum { FAULTS_MAX = 100 };

struct faults {
	struct err *list; /* in the order in which they were found */
	size_t count; /* of the list */
	size_t all; /* that were found */
};

#define FAULTS_NONE \
	{ \
		.list = NULL \
	}

/* A copy of `err`. */
void faults_add(struct faults *faults, const struct err *err);

/* 0 when there is none; else -1 and the first. */
int faults_first(const struct faults *faults, struct err *err);

void faults_done(struct faults *faults);
void faults_auto(struct faults *faults);

#endif
