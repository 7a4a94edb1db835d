/*
 * --help, made from the tables of commands and options.
 */
#ifndef COMMAND_HELP_H
#define COMMAND_HELP_H

#include <stdio.h>

struct command;

/* The help of one command, or with NULL of all.  No line is over 80 columns. */
void help_print(FILE *out, const struct command *command);

#endif
