/*
 * What an error means to the one who called us: an exit code that never lies,
 * and the next step where the kind of error alone knows it.
 */
#ifndef COMMAND_EXIT_CODE_H
#define COMMAND_EXIT_CODE_H

#include "base/err.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_PARTIAL = 3,
	EXIT_DAMAGED = 4,
	EXIT_REPOSITORY = 5,
	EXIT_BUSY = 6,
	EXIT_ABSENT = 7,
	EXIT_NO_SPACE = 9,
	EXIT_INPUT = 11,
	EXIT_REFUSED = 12,
	EXIT_SIGNAL = 128, /* plus the signal's number */
};

/* ERR_NONE is EXIT_OK. */
int exit_code(const struct err *err);

/*
 * Fills an empty err->hint where the kind of error has one obvious next step.
 * `command` is the name of the running command, or NULL when none was found.
 * What `run` was asked to do stands in the configuration: there it is keys.
 */
void hint_for(struct err *err, const char *command);

#endif
