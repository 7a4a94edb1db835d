/*
 * The tables of commands and options for programs: completions of shells,
 * and the tests that compare them and the manual with what is read.
 */
#ifndef COMMAND_HELP_JSON_H
#define COMMAND_HELP_JSON_H

#include <stdio.h>

struct command;

/*
 * One line of the type "command", or with NULL one for each command, as
 * litesafe-help(1) describes it.
 */
void help_json_put(FILE *out, const struct command *command);

#endif
