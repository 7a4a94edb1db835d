/*
 * Which files may tell this program what to do.
 *
 * A configuration names programs that are run, so who may write the file may
 * become the user who reads it.  Nobody's file that everybody may write is
 * read; and root reads only what root alone may write: files of root's that
 * neither their group nor others may write, as cron(8) and sudo(8) have it.
 * The same holds for the folder conf.d, in which a new file is one more
 * configuration.
 */
#ifndef CONFIG_TRUST_H
#define CONFIG_TRUST_H

#include <sys/stat.h>

#include "base/err.h"

/* ERR_REFUSED for a file or folder that is not to be trusted. */
int trust_check(const struct stat *status, const char *path, struct err *err);

#endif
