/*
 * An archive that goes to standard output ('-o -'), and what that rules out.
 */
#ifndef COMMAND_PIPE_H
#define COMMAND_PIPE_H

#include <stdbool.h>

#include "base/err.h"
#include "command/options.h"

/* '-o -' was given. */
bool pipe_is_output(const struct options *options);

/*
 * ERR_USAGE for a terminal, and for a proof that was asked for; a proof by
 * default is dropped: options->prove is PROVE_NONE then.  Nothing to say of
 * a file.
 */
int pipe_check(struct options *options, struct err *err);

#endif
