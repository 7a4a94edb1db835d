/*
 * The manifest is small and lies in its frame in one piece, so it is decoded
 * where it lies.
 */
#include "archive/manifest_member.h"

#include <stdlib.h>

#include "base/auto.h"

static int
add_manifest(
    struct tar_writer *tar, const struct manifest *manifest, struct err *err)
{
	AUTO(free) char *json = NULL;
	size_t len = 0;

	if (manifest_encode(manifest, &json, &len, err) < 0)
		return -1;
	const struct tar_write_member member = {
		.path = MANIFEST_MEMBER,
		.size = len,
		.mode = 0600,
	};
	if (tar_writer_begin(tar, &member, err) < 0 ||
	    tar_writer_add(tar, json, len, err) < 0)
		return -1;
	/* Its padding and the end of the tar stream share its frame. */
	return tar_writer_finish(tar, err);
}

int
manifest_member_write(struct tar_writer *tar, struct frame_writer *frames,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err)
{
	if (frame_writer_drain(frames, err) < 0)
		return -1;
	manifest->stored_bytes = frame_writer_stored(frames);
	frame_writer_stored_sha256(frames, manifest->stored_sha256);
	if (add_manifest(tar, manifest, err) < 0)
		return -1;
	frame_writer_cut_plain(frames);
	if (frame_writer_finish(frames, err) < 0)
		return -1;
	ret_file->bytes = frame_writer_stored(frames);
	frame_writer_stored_sha256(frames, ret_file->sha256);
	return 0;
}

int
manifest_member_read(struct tar_reader *tar, const struct tar_member *member,
    const char *name, struct manifest *ret_manifest, struct err *err)
{
	struct tar_span json = { 0 }, end = { 0 };

	if (member->size == 0 || member->size > MANIFEST_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "'" MANIFEST_MEMBER "' has %llu bytes, and it must have "
		    "from 1 to %d",
		    (unsigned long long)member->size, MANIFEST_MAX);
	if (tar_reader_span(tar, &json, err) < 0)
		return -1;
	if (json.len != member->size)
		return err_set(err, ERR_DAMAGED, 0,
		    "'" MANIFEST_MEMBER "' is not in one frame");
	if (manifest_decode(
		(const char *)json.bytes, json.len, ret_manifest, err) < 0)
		return err->kind == ERR_DAMAGED ? -1
						: err_within(err, "'%s'", name);
	return tar_reader_span(tar, &end, err);
}
