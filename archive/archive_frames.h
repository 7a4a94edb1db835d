/*
 * The frame writer of an archive, full or increment.
 *
 * For this room only.
 */
#ifndef ARCHIVE_ARCHIVE_FRAMES_H
#define ARCHIVE_ARCHIVE_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/frame_write.h"
#include "base/err.h"

/* `sums` as in frame_write.h. */
int archive_frames_new(const struct archive_write_options *options,
    int (*sums)(void *ctx, const uint8_t *sums, size_t count, struct err *err),
    void *ctx, struct frame_writer **ret_frames, struct err *err);

#endif
