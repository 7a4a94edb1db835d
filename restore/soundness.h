/*
 * What SQLite says of a rebuilt image, in words that name its database where
 * there are several.
 */
#ifndef RESTORE_SOUNDNESS_H
#define RESTORE_SOUNDNESS_H

#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"

/* As integrity_check(); `database` is NULL when it is alone. */
int soundness_check(int fd, const char *name, const char *database,
    enum integrity_level level, struct work *work, struct findings *findings,
    struct err *err);

#endif
