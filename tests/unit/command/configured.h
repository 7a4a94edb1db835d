/*
 * A configuration FOLDER/a.conf, and a command line that names it.
 */
#ifndef TESTS_UNIT_COMMAND_CONFIGURED_H
#define TESTS_UNIT_COMMAND_CONFIGURED_H

#include "command/command.h"

/* A folder (tests/unit/shared/folder.h), and none of our variables: .init. */
void configured_begin(void);

void configured_write(const char *text);

/* Reads "litesafe WORDS -c FOLDER/a.conf"; the texts are good until the next
 * call. */
void configured_line(const char *words, const struct command **ret_command,
    struct options *ret_options);

#endif
