/*
 * What an archive's options mean for its frames.
 */
#include "archive/archive_frames.h"

int
archive_frames_new(const struct archive_write_options *options,
    int (*sums)(void *ctx, const uint8_t *sums, size_t count, struct err *err),
    void *ctx, struct frame_writer **ret_frames, struct err *err)
{
	const struct frame_write_options frames = {
		.fd = options->fd,
		.name = options->name,
		.scratch = options->scratch,
		.level = options->level,
		.threads = options->threads,
		.work = options->work,
		.sums = sums,
		.sums_ctx = ctx,
	};

	return frame_writer_new(&frames, ret_frames, err);
}
