/*
 * What stands in [global] of the configuration, for the options of an ordinary
 * command that neither the command line nor the environment gave.
 *
 * A default configuration that is not there, or that this user may not read, is
 * none.  One that was named, and one that cannot be understood, is an error: a
 * backup without the limits that somebody wrote down is not what was asked for.
 */
#ifndef COMMAND_OPTIONS_FILE_H
#define COMMAND_OPTIONS_FILE_H

#include "base/err.h"
#include "command/option_table.h"
#include "config/config.h"

struct command;

/*
 * `command` NULL, help, version and config read none.  The texts of the options
 * belong to *ret_config, which is there in any case.
 */
int options_file_read(const struct command *command, struct options *options,
    struct config *ret_config, struct err *err);

#endif
