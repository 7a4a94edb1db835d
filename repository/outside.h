/*
 * What does not belong into a repository stays out of it: there it would stand
 * among the archives, be taken for a set, or take the place of an archive.
 *
 * Any thread.
 */
#ifndef REPOSITORY_OUTSIDE_H
#define REPOSITORY_OUTSIDE_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* Whether the folder is one, by its litesafe-repository.json. */
bool repository_is_at(const char *folder);

/*
 * Whether `path`, which need not be there yet, lies inside a repository, or what
 * a symlink there leads to does; then *ret_around is the nearest one.
 */
bool repository_is_around(const char *path, char ret_around[PATH_MAX]);

/*
 * ERR_REFUSED when a file at `path` would lie inside a repository.  `what` is
 * what it is to be: "target", "output".
 */
int repository_stay_out(const char *what, const char *path, struct err *err);

#endif
