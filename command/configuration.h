/*
 * Which configuration a run reads: the one of --config (or LITESAFE_CONFIG),
 * the default one, or none; and which keys there are.
 */
#ifndef COMMAND_CONFIGURATION_H
#define COMMAND_CONFIGURATION_H

#include "base/err.h"
#include "command/option_table.h"
#include "config/config.h"

#define CONFIGURATION_DEFAULT "/etc/litesafe/litesafe.conf"

/* The key of [repository NAME], which is no option. */
#define CONFIGURATION_URL "url"

/* Options that are keys, CONFIGURATION_URL, and a NULL name. */
enum { CONFIGURATION_KEYS_MAX = OPTIONS_MAX + 2 };
void configuration_keys(struct config_key ret_keys[CONFIGURATION_KEYS_MAX]);

/* The file that `options` means; NULL: none, by --no-config. */
const char *configuration_path(const struct options *options);

/*
 * config_survey() of that file.  ERR_ABSENT when there is none that was not
 * named; ERR_USAGE when the one that was named is not there.  With an error of
 * the default file the hint says how to go without it.
 */
int configuration_survey(const struct options *options,
    struct config *ret_config, struct faults *faults, struct err *err);

#endif
