/*
 * A repository: a folder of archives, set by set, and the file that says so.
 *
 *     litesafe-repository.json      format, id, features
 *     README.txt                    how to restore without litesafe
 *     litesafe-reserve              space for a prune of a full disk (reserve.h)
 *     SET/20261120T231500Z-full-7f3a9c2b.tar.zst      an archive
 *     SET/20261120T231500Z-full-7f3a9c2b.json         its manifest: the commit
 *     SET/20261120T231500Z-full-7f3a9c2b.pin          never to be pruned
 *
 * In:  the path of a folder.
 * Out: an open repository, or one just made.
 * Always true: every file in it is written once, under a name of its own, and
 *      never changed.  A snapshot exists from the moment in which its manifest
 *      has its name, to the moment in which it loses it.  Folders have mode
 *      0700, files 0600; all belong to the owner of the repository's folder, also
 *      those that root made (base/belong.h).
 * No lock decides whether anything here is right.
 */
#ifndef REPOSITORY_REPOSITORY_H
#define REPOSITORY_REPOSITORY_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

#define REPOSITORY_FORMAT 1
#define REPOSITORY_FILE "litesafe-repository.json"
#define REPOSITORY_README "README.txt"

#define REPOSITORY_ID_BYTES 33 /* 32 lower-case hex digits and a NUL */

struct repository {
	char path[PATH_MAX]; /* absolute, symlinks resolved */
	char id[REPOSITORY_ID_BYTES];
};

/*
 * Makes one in `path`, which is a folder that is empty or does not exist; its
 * parent does.  litesafe-repository.json comes last: a folder that an
 * interrupted init left is simply initialised again.  ERR_REFUSED when it is a
 * repository already, unless `if_missing`: then it is opened and *ret_made is
 * false; ERR_REFUSED for a folder that holds anything else.
 */
int repository_init(const char *path, bool if_missing,
    struct repository *ret_repository, bool *ret_made, struct err *err);

/*
 * What repository_init() would do, as far as looking tells: refuses what it
 * would refuse, and makes nothing.  *ret_repository is filled when it is there
 * already (*ret_make is false).
 */
int repository_init_foresee(const char *path, bool if_missing,
    struct repository *ret_repository, bool *ret_make, struct err *err);

/*
 * ERR_REPOSITORY when there is none, it cannot be read, it is damaged, or its
 * format or a feature of it is newer than we are (named, with a hint).
 */
int repository_open(
    const char *path, struct repository *ret_repository, struct err *err);

/*
 * What was stored there by repository_init() and is not as it must be: each
 * fault is one call of `fault` (a sentence without a full stop).  -1 only when
 * that could not be found out.
 */
int repository_check(const struct repository *repository,
    void (*fault)(void *ctx, const char *text), void *ctx, struct err *err);

/*
 * The names of all sets, sorted bytewise, as long as `visit` returns 0; its -1
 * ends the walk.  A set is any folder below the repository that holds an
 * archive or a manifest of ours; names that no set can have are passed over.
 */
int repository_sets(const struct repository *repository,
    int (*visit)(void *ctx, const char *set, struct err *err), void *ctx,
    struct err *err);

/* "PATH/SET" and its folders are made as needed, flushed; mode 0700. */
int repository_make_set(
    const struct repository *repository, const char *set, struct err *err);

#endif
