/*
 * litesafe-repository.json: a sealed line (base/sealed.h) with
 *
 *     "litesafe_repository"   the format: 1
 *     "id"                    32 hex digits, by which the state is bound to it
 *     "created", "tool"       for people
 *     "features"              what a reader must know: nothing yet
 *     "readme_sha256"         of README.txt
 *
 * Unknown fields are ignored; a format or a feature that we do not know is
 * ERR_REPOSITORY and named, all else that is wrong ERR_DAMAGED.
 */
#ifndef REPOSITORY_REPOSITORY_FILE_H
#define REPOSITORY_REPOSITORY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "repository/repository.h"

enum { REPOSITORY_FILE_MAX = 1 << 16 };

struct repository_file {
	char id[REPOSITORY_ID_BYTES];
	uint8_t readme_sha256[SHA256_BYTES];
};

/* Created now, by us.  The caller frees *ret_text. */
int repository_file_encode(const struct repository_file *file, char **ret_text,
    size_t *ret_len, struct err *err);

int repository_file_decode(const char *text, size_t len,
    struct repository_file *ret_file, struct err *err);

#endif
