/*
 * The value of one option: from text into its field.
 */
#ifndef COMMAND_OPTION_VALUE_H
#define COMMAND_OPTION_VALUE_H

#include "base/err.h"
#include "command/option_table.h"

/* 0, or -1 and the field as it was when `text` is no value of this option. */
int
option_value_read(const struct option *option, const char *text, void *field);

/*
 * Says why option_value_read() refused: which values there are.  `who` is how
 * the option was spelled: "--level", "-o", "LITESAFE_LEVEL".
 */
int option_value_refuse(const struct option *option, const char *who,
    const char *text, struct err *err);

/* Its field. */
void *option_value_field(const struct option *option, struct options *options);

/* The text of its variable; NULL: it has none, or that is not set, or empty. */
const char *option_value_environment(const struct option *option);

/* Reads that text, where there is one, into its field. */
int option_value_from_environment(
    const struct option *option, struct options *options, struct err *err);

#endif
