/*
 * The manifest without the archive: the last frame is found from the end of
 * the file, and read with the same strict eyes as in the whole walk.
 */
#include "archive/archive_read.h"

#include "archive/frame_read.h"
#include "archive/manifest_member.h"
#include "archive/tar_read.h"
#include "base/auto.h"

/* The last frame as the only piece of a tar stream. */
struct last {
	const uint8_t *bytes;
	size_t len;
};

static int
next_piece(
    void *ctx, const uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
	struct last *last = ctx;

	(void)err;
	*ret_bytes = last->bytes;
	*ret_len = last->len;
	last->len = 0;
	return 0;
}

static int
read_manifest(const uint8_t *bytes, size_t len, struct manifest *manifest,
    struct err *err)
{
	struct last last = { .bytes = bytes, .len = len };
	const struct tar_source source = { .next = next_piece, .ctx = &last };
	AUTO(tar_reader) struct tar_reader *tar = NULL;

	if (tar_reader_new(&source, &tar, err) < 0 ||
	    manifest_member_read(tar, manifest, err) < 0)
		return -1;
	return tar_reader_finish(tar, err);
}

static int
peek(int fd, const char *name, struct manifest *manifest, struct err *err)
{
	AUTO(free) uint8_t *bytes = NULL;
	uint64_t offset = 0;
	size_t len = 0;

	if (frame_read_last(fd, name, &bytes, &len, &offset, err) < 0)
		return -1;
	if (read_manifest(bytes, len, manifest, err) < 0)
		return err->kind == ERR_DAMAGED
			   ? err_within(err, "the last frame, at byte %llu",
				 (unsigned long long)offset)
			   : -1;
	if (manifest->stored_bytes != offset)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest's 'stored_bytes' is %llu, and its frame "
		    "begins at byte %llu",
		    (unsigned long long)manifest->stored_bytes,
		    (unsigned long long)offset);
	return 0;
}

int
archive_peek(
    int fd, const char *name, struct manifest *ret_manifest, struct err *err)
{
	struct manifest manifest;

	if (peek(fd, name, &manifest, err) < 0)
		return err->kind == ERR_DAMAGED ? err_within(err, "'%s'", name)
						: -1;
	*ret_manifest = manifest;
	return 0;
}
