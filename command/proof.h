/*
 * The proof of a finished archive, before it gets its name (--verify).
 *
 * It is joined to the recipe here, because backup/ and restore/ do not know
 * each other.
 */
#ifndef COMMAND_PROOF_H
#define COMMAND_PROOF_H

#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"
#include "command/options.h"
#include "repository/repository.h"
#include "restore/verify.h"

/* What the proof needs, and what it leaves to be told. */
struct proof {
	const struct options *options;
	struct work *work;
	unsigned threads;
	const struct repository *repository; /* NULL: a file of its own */
	struct verify_result result;
};

/* backup_options.prove; `ctx` is a struct proof. */
int proof_of(void *ctx, int fd, const char *name,
    const struct manifest *manifest, struct err *err);

#endif
