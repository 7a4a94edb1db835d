/*
 * The manifest is small and lies in its frame in one piece, so it is decoded
 * where it lies.
 */
#include "archive/manifest_member.h"

int
manifest_member_read(struct tar_reader *tar, const char *name,
    struct manifest *ret_manifest, struct err *err)
{
	struct tar_member member = { 0 };
	struct tar_span json = { 0 }, end = { 0 };

	if (tar_reader_member(tar, MANIFEST_MEMBER, &member, err) < 0)
		return -1;
	if (member.size == 0 || member.size > MANIFEST_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "'" MANIFEST_MEMBER "' has %llu bytes, and it must have "
		    "from 1 to %d",
		    (unsigned long long)member.size, MANIFEST_MAX);
	if (tar_reader_span(tar, &json, err) < 0)
		return -1;
	if (json.len != member.size)
		return err_set(err, ERR_DAMAGED, 0,
		    "'" MANIFEST_MEMBER "' is not in one frame");
	if (manifest_decode(
		(const char *)json.bytes, json.len, ret_manifest, err) < 0)
		return err->kind == ERR_DAMAGED ? -1
						: err_within(err, "'%s'", name);
	return tar_reader_span(tar, &end, err);
}
