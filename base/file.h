/*
 * Whole reads and writes, and files without a name.
 *
 * `name` is only for messages.  Offsets and lengths are bytes.  EINTR is
 * handled here: after each interruption the `work` (which may be NULL) is
 * asked whether to go on.  A pipe, socket or terminal may be non-blocking or
 * not: neither a read nor a write waits longer than a moment without asking.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"

/* Reads until `len` bytes are there or the input ends: *ret_got <= len. */
int file_read(int fd, void *buf, size_t len, const char *name,
    const struct work *work, size_t *ret_got, struct err *err);

/* The same from an offset, of a regular file. */
int file_read_at(int fd, void *buf, size_t len, uint64_t offset,
    const char *name, size_t *ret_got, struct err *err);

/* Writes all of it. */
int file_write(int fd, const void *buf, size_t len, const char *name,
    const struct work *work, struct err *err);

/* Writes all of it at an offset of a regular file.  Any thread. */
int file_write_at(int fd, const void *buf, size_t len, uint64_t offset,
    const char *name, struct err *err);

/*
 * `len` bytes were written at `offset`, more or less in order, and an fsync
 * will follow: has the kernel begin with every piece of 32 MiB that is full,
 * so that the fsync finds little to do.  Only a hint: errors are the fsync's,
 * and a pipe has none.  Any thread.
 */
void file_write_behind(int fd, uint64_t offset, uint64_t len);

/* fsync.  An error is final: what was written may be gone, nothing retries. */
int file_flush(int fd, const char *name, struct err *err);

/* Opens and flushes a folder, so that a name in it survives a power cut. */
int file_flush_folder(const char *folder, struct err *err);

/* Bytes that this process may still write on the filesystem of `fd`. */
int
file_free_space(int fd, const char *name, uint64_t *ret_bytes, struct err *err);

/* $TMPDIR, or /var/tmp (large, on disk); where scratch files go by default. */
const char *file_scratch_folder(void);

/*
 * A read-write file of mode 0600 in `folder` that has no name: it is gone when
 * its descriptor is, however the process ends.
 */
int file_scratch(const char *folder, int *ret_fd, struct err *err);

/*
 * The folder part of a path as new text ("." when there is none); free() it.
 */
int file_folder_of(const char *path, char **ret_folder, struct err *err);

/* What the path names in that folder: a part of `path`, all of it without '/'. */
const char *file_last_part(const char *path);

#endif
