/*
 * Each database has a tar writer of its own, because the format of headers
 * depends on its name (tar_write.c), and readers take a change of format
 * between members.  What is common is the frames.
 */
#include "archive/archive_stream.h"

#include <stdlib.h>

#include "archive/manifest_member.h"
#include "base/auto.h"

struct archive_stream {
	struct frame_writer *frames;
	struct tar_writer *tar; /* of the database begun last */
	int64_t mtime;

	/* Who gets the sums of pages. */
	int (*sums)(
	    void *ctx, const uint8_t *sums, size_t count, struct err *err);
	void *sums_ctx;
};

/* frame_write_options.sums */
static int
hand_on_sums(void *ctx, const uint8_t *sums, size_t count, struct err *err)
{
	struct archive_stream *stream = ctx;

	return stream->sums(stream->sums_ctx, sums, count, err);
}

int
archive_stream_new(const struct archive_write_options *options,
    struct archive_stream **ret_stream, struct err *err)
{
	AUTO(archive_stream)
	struct archive_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return err_system(err, "begin an archive");
	const struct frame_write_options frames = {
		.fd = options->fd,
		.name = options->name,
		.scratch = options->scratch,
		.level = options->level,
		.threads = options->threads,
		.work = options->work,
		.sums = hand_on_sums,
		.sums_ctx = stream,
	};
	stream->mtime = options->mtime;
	if (frame_writer_new(&frames, &stream->frames, err) < 0)
		return -1;
	*ret_stream = take_ptr(&stream);
	return 0;
}

void
archive_stream_free(struct archive_stream *stream)
{
	if (stream == NULL)
		return;
	tar_writer_free(stream->tar);
	frame_writer_free(stream->frames);
	free(stream);
}

void
archive_stream_auto(struct archive_stream **place)
{
	archive_stream_free(*place);
}

int
archive_stream_begin(struct archive_stream *stream, const char *path,
    int (*sums)(void *ctx, const uint8_t *sums, size_t count, struct err *err),
    void *ctx, struct err *err)
{
	const struct tar_write_options tar = {
		.frames = stream->frames,
		.name = path,
		.mtime = stream->mtime,
	};

	tar_writer_free(take_ptr(&stream->tar));
	stream->sums = sums;
	stream->sums_ctx = ctx;
	return tar_writer_new(&tar, &stream->tar, err);
}

struct frame_writer *
archive_stream_frames(struct archive_stream *stream)
{
	return stream->frames;
}

struct tar_writer *
archive_stream_tar(struct archive_stream *stream)
{
	return stream->tar;
}

int
archive_stream_finish(struct archive_stream *stream, struct manifest *manifest,
    struct stored_file *ret_file, struct err *err)
{
	return manifest_member_write(
	    stream->tar, stream->frames, manifest, ret_file, err);
}
