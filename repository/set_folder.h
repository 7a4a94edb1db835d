/*
 * The folder of a set.  A set's name may have several parts ("x/app.db"); no
 * part of the way may be a symlink: what looks like a set must not lead out of
 * the repository.
 */
#ifndef REPOSITORY_SET_FOLDER_H
#define REPOSITORY_SET_FOLDER_H

#include "base/err.h"
#include "repository/repository.h"

/*
 * A descriptor of it, to close.  ERR_ABSENT when there is none; ERR_REFUSED
 * when the name cannot be a set's or a part of the way is no folder.
 */
int set_folder_open(const struct repository *repository, const char *set,
    int *ret_fd, struct err *err);

/* The same, but what is missing is made, durably, with mode 0700. */
int set_folder_make(const struct repository *repository, const char *set,
    int *ret_fd, struct err *err);

#endif
