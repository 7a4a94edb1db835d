/*
 * An archive to read: a file, or "-" for standard input.
 */
#ifndef COMMAND_INPUT_H
#define COMMAND_INPUT_H

#include "base/err.h"

/*
 * A descriptor to close (AUTO(fd)) and a name for messages; the name lives as
 * long as `path`.  ERR_USAGE for a terminal as standard input.
 */
int input_open(
    const char *path, int *ret_fd, const char **ret_name, struct err *err);

#endif
