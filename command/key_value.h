/*
 * The value of one key of the configuration: from text into its field.
 *
 * More is asked of it than of an option: what names a place begins with "/",
 * because nobody knows the folder in which a timer starts a program; and
 * `repository` may be the NAME of a section [repository NAME].
 */
#ifndef COMMAND_KEY_VALUE_H
#define COMMAND_KEY_VALUE_H

#include "base/err.h"
#include "command/option_table.h"
#include "config/config.h"

/*
 * `value` is one of `config`, whose texts the field then points to.  ERR_USAGE
 * with file and line.
 */
int key_value_read(const struct config *config, const struct option *option,
    const struct config_value *value, struct options *options, struct err *err);

/* The folder that [repository NAME] means. */
int key_value_url(const struct config_section *repository,
    const char **ret_path, struct err *err);

#endif
