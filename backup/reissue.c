/*
 * An image passes through a nameless file: a full archive is written from
 * page 1 on, and a chain gives its pages in another order.
 */
#include "backup/reissue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_stream.h"
#include "archive/archive_write.h"
#include "backup/describe.h"
#include "backup/output.h"
#include "base/auto.h"
#include "base/file.h"

/* A whole number of pages of any size. */
enum { READ_BYTES = 1 << 20 };

static const char image_name[] = "the rebuilt database";

/* What is told of the snapshot stays; what is told of its archive is new. */
static int
restate(const struct reissue_options *options, struct manifest *manifest,
    struct err *err)
{
	if (manifest_copy(options->manifest, manifest, err) < 0)
		return -1;
	(void)strcpy(manifest->kind, MANIFEST_FULL);
	manifest->parent[0] = '\0';
	manifest->has_parent_state = false;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		struct manifest_database *db = manifest_edit(manifest, i);

		db->whole = false;
		memset(db->parent_root, 0, sizeof(db->parent_root));
	}
	(void)snprintf(
	    manifest->tool, sizeof(manifest->tool), "%s", options->tool);
	return 0;
}

static int
open_output(const struct reissue_options *options, struct output *output,
    struct err *err)
{
	const struct output_sources none = { .count = 0 };

	if (options->output != NULL)
		return output_open_file(
		    options->output, options->replace, none, output, err);
	output_open_stream(options->pipe_fd, output);
	return 0;
}

/* The images on their way, in the order of the manifest. */
struct images {
	struct reissue_image list[MANIFEST_DATABASES_MAX];
	size_t count;
};

static void
images_auto(struct images *images)
{
	for (size_t i = 0; i < images->count; i++)
		fd_auto(&images->list[i].fd);
}

static int
rebuild(const struct reissue_options *options, struct images *images,
    struct err *err)
{
	const struct manifest *manifest = options->manifest;

	while (images->count < manifest_count(manifest)) {
		struct reissue_image *image = &images->list[images->count];

		image->database = manifest_at(manifest, images->count)->name;
		if (file_scratch(options->scratch, &image->fd, err) < 0)
			return -1;
		images->count++;
	}
	return options->rebuild(
	    options->rebuild_ctx, images->list, images->count, image_name, err);
}

static int
write_pages(struct archive_writer *writer, const struct manifest_database *db,
    int image, struct work *work, struct err *err)
{
	uint64_t size = (uint64_t)db->page_count * db->page_size, at = 0;
	AUTO(free) uint8_t *buffer = malloc(READ_BYTES);

	if (buffer == NULL)
		return err_system(err, "read %s", image_name);
	work_phase(work, "exporting", size);
	while (at < size) {
		size_t want =
		    size - at < READ_BYTES ? (size_t)(size - at) : READ_BYTES;
		size_t got = 0;
		if (file_read_at(
			image, buffer, want, at, image_name, &got, err) < 0)
			return -1;
		if (got < want)
			return err_set(err, ERR_FAILED, 0,
			    "%s has only %llu of %llu bytes", image_name,
			    (unsigned long long)(at + got),
			    (unsigned long long)size);
		for (size_t i = 0; i < want; i += db->page_size) {
			if (archive_writer_page(writer, buffer + i, err) < 0)
				return -1;
			work_add(work, db->page_size);
		}
		at += want;
	}
	return 0;
}

/* The root is summed anew from the pages that went in. */
static int
check_root(const struct manifest *manifest, const struct manifest_database *is,
    const struct manifest_database *must, struct err *err)
{
	if (memcmp(is->root, must->root, SHA256_BYTES) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "snapshot %s, rebuilt, has another root than its manifest states",
	    manifest->id);
}

static int
write_database(const struct reissue_options *options, size_t index, int image,
    const struct archive_write_options *write, struct manifest *manifest,
    struct err *err)
{
	struct manifest_database *db = manifest_edit(manifest, index);
	AUTO(archive_writer) struct archive_writer *writer = NULL;

	if (archive_writer_new(write, &writer, err) < 0 ||
	    write_pages(writer, db, image, options->work, err) < 0 ||
	    archive_writer_seal(writer, db, err) < 0)
		return -1;
	return check_root(
	    manifest, db, manifest_at(options->manifest, index), err);
}

static int
write_archive(const struct reissue_options *options,
    const struct output *output, const struct images *images,
    struct reissue_result *result, struct err *err)
{
	struct manifest *m = &result->manifest;
	AUTO(archive_stream) struct archive_stream *stream = NULL;

	for (size_t i = 0; i < images->count; i++) {
		const struct manifest_database *db = manifest_at(m, i);
		struct archive_write_options write =
		    describe_archive(output, m, db);

		write.level = options->level;
		write.threads = options->threads;
		write.work = options->work;
		write.image_sha256 = db->has_image_sha256;
		if (stream == NULL &&
		    archive_stream_new(&write, &stream, err) < 0)
			return -1;
		write.stream = stream;
		if (write_database(
			options, i, images->list[i].fd, &write, m, err) < 0)
			return -1;
	}
	return archive_stream_finish(stream, m, &result->file, err);
}

/* Flushed first, as every archive that is to be read back. */
static int
prove(const struct reissue_options *options, const struct output *output,
    struct reissue_result *result, struct err *err)
{
	if (options->prove == NULL || output->stream)
		return 0;
	if (file_flush(output->fd, output->name, err) < 0)
		return -1;
	if (lseek(output->fd, 0, SEEK_SET) != 0)
		return err_system(err, "read back '%s'", output->name);
	if (options->prove(options->prove_ctx, output->fd, output->name,
		&result->manifest, err) < 0)
		return err_within(err, "the archive was not kept");
	result->proved = true;
	return 0;
}

int
reissue_run(const struct reissue_options *options,
    struct reissue_result *ret_result, struct err *err)
{
	AUTO(output) struct output output = OUTPUT_NONE;
	AUTO(images) struct images images = { .count = 0 };

	*ret_result = (struct reissue_result){ .proved = false };
	if (restate(options, &ret_result->manifest, err) < 0 ||
	    open_output(options, &output, err) < 0 ||
	    rebuild(options, &images, err) < 0 ||
	    write_archive(options, &output, &images, ret_result, err) < 0 ||
	    prove(options, &output, ret_result, err) < 0)
		return -1;
	return output_publish(&output, err);
}

void
reissue_result_done(struct reissue_result *result)
{
	manifest_done(&result->manifest);
}
