/*
 * What went down a pipe cannot be read back, so nothing is proved here.
 */
#include "command/pipe.h"

#include <string.h>
#include <unistd.h>

bool
pipe_is_output(const struct options *options)
{
	return options->output != NULL && strcmp(options->output, "-") == 0;
}

int
pipe_check(struct options *options, struct err *err)
{
	if (!pipe_is_output(options))
		return 0;
	if (isatty(STDOUT_FILENO)) {
		(void)err_set(
		    err, ERR_USAGE, 0, "the archive would go to a terminal");
		return err_hint(err, "name a file for -o, or use a pipe");
	}
	if (options_given(options, "verify") && options->prove != PROVE_NONE) {
		(void)err_set(err, ERR_USAGE, 0,
		    "--verify %s is not possible with '-o -': a pipe cannot be "
		    "read back",
		    options->prove == PROVE_STORED ? "stored" : "restore");
		return err_hint(err,
		    "run 'litesafe verify' on what arrives at the other end");
	}
	options->prove = PROVE_NONE;
	return 0;
}
