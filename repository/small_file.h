/*
 * Small files of a repository, read whole: manifests, what litesafe init
 * wrote, what the state remembers.
 *
 * Whatever has the name is looked at first: a symlink is not followed, a FIFO
 * is not waited for, nothing larger than `most` bytes is taken in.
 */
#ifndef REPOSITORY_SMALL_FILE_H
#define REPOSITORY_SMALL_FILE_H

#include <stddef.h>

#include "base/err.h"

/*
 * `name` in the folder that `folder_fd` is; `folder` is for messages.  A NUL
 * follows the text, which the caller frees.  ERR_DAMAGED when it is no regular
 * file or too large; err->code is ENOENT when there is none.
 */
int small_file_read(int folder_fd, const char *folder, const char *name,
    size_t most, char **ret_text, size_t *ret_len, struct err *err);

#endif
