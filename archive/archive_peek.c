/*
 * The manifest without the archive: the last frame is found from the end of
 * the file, and read with the same strict eyes as in the whole walk.
 */
#include "archive/archive_read.h"

#include <stdlib.h>

#include "archive/frame_read.h"
#include "archive/manifest_member.h"
#include "archive/tar_read.h"
#include "base/auto.h"

/* The last frame as the only piece of a tar stream. */
static int
next_piece(
    void *ctx, const uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
	struct frame_last *left = ctx;

	(void)err;
	*ret_bytes = left->bytes;
	*ret_len = left->len;
	left->len = 0;
	return 0;
}

static int
read_manifest(const struct frame_last *last, const char *name,
    struct manifest *manifest, struct err *err)
{
	struct frame_last left = *last;
	const struct tar_source source = { .next = next_piece, .ctx = &left };
	AUTO(tar_reader) struct tar_reader *tar = NULL;
	struct tar_member member = { 0 };

	if (tar_reader_new(&source, &tar, err) < 0 ||
	    tar_reader_member(tar, MANIFEST_MEMBER, &member, err) < 0 ||
	    manifest_member_read(tar, &member, name, manifest, err) < 0)
		return -1;
	return tar_reader_finish(tar, err);
}

/*
 * The manifest against the little that is known without it.  What it says of
 * the database's size decides how much room is asked for, so the frames that
 * would hold that much must be there, too.
 */
static int
compare(const struct manifest *manifest, const struct frame_last *last,
    struct err *err)
{
	uint64_t end = manifest_end(
	    manifest, manifest_at(manifest, manifest_count(manifest) - 1));

	if (manifest->stored_bytes != last->stored_offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest's 'stored_bytes' is %llu, and its frame "
		    "begins at byte %llu",
		    (unsigned long long)manifest->stored_bytes,
		    (unsigned long long)last->stored_offset);
	if (end != last->raw_offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "by the manifest its frame begins at byte %llu of the tar "
		    "stream, by the seek table at byte %llu",
		    (unsigned long long)end,
		    (unsigned long long)last->raw_offset);
	return 0;
}

static void
last_auto(struct frame_last *last)
{
	free(last->bytes);
}

static int
peek(int fd, const char *name, struct manifest *manifest, struct err *err)
{
	AUTO(last) struct frame_last last = { 0 };

	if (frame_read_last(fd, name, &last, err) < 0)
		return -1;
	if (read_manifest(&last, name, manifest, err) < 0)
		return err->kind == ERR_DAMAGED
			   ? err_within(err, "the last frame, at byte %llu",
				 (unsigned long long)last.stored_offset)
			   : -1;
	return compare(manifest, &last, err);
}

int
archive_peek(
    int fd, const char *name, struct manifest *ret_manifest, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };

	if (peek(fd, name, &manifest, err) < 0)
		return err->kind == ERR_DAMAGED ? err_within(err, "'%s'", name)
						: -1;
	*ret_manifest = manifest_take(&manifest);
	return 0;
}
