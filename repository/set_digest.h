/*
 * A set's folder at a glance: whether its files are those that were there once.
 */
#ifndef REPOSITORY_SET_DIGEST_H
#define REPOSITORY_SET_DIGEST_H

#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "repository/repository.h"

/*
 * The sum of names, inodes, sizes and times of all files of a set.  The same sum
 * is the same catalog; nothing is opened, so it costs a fraction of reading it.
 * Another sum means nothing: a filesystem may list in any order.
 */
int set_digest(const struct repository *repository, const char *set,
    uint8_t ret_digest[SHA256_BYTES], struct err *err);

#endif
