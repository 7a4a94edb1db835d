/*
 * One loop that reads the options of all commands.  The command line wins over
 * the environment, and that over the default.
 */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include "base/err.h"
#include "command/option_table.h"

struct command;

/*
 * Reads the command line and the environment.  *ret_command is NULL when no
 * command was named.  Also on failure everything that could be read is in
 * *ret_options, so that a usage error can be told as it was asked (--json, to
 * which stream): the first error is the one in *err.  The operands are moved
 * to the front of argv.
 */
int options_read(int argc, char **argv, const struct command **ret_command,
    struct options *ret_options, struct err *err);

/* `name` (without "--") was given on the command line. */
bool options_given(const struct options *options, const char *name);

#endif
