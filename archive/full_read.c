/*
 * All that is needed to know stands in the archive itself, in its order: the
 * page size in page 1, the page count in the image's size.  So a full archive
 * can be read from a pipe, and the manifest at its end can be doubted.
 */
#include "archive/full_read.h"

#include <string.h>

#include "archive/member_path.h"
#include "archive/name.h"
#include "base/auto.h"
#include "base/bytes.h"

/* Where SQLite's header tells the page size (sqlite.org/fileformat2.html). */
enum { PAGE_SIZE_AT = 16, PAGE_SIZE_BYTES = 2 };

static int
bad_image(const struct walk *walk, const char *why, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "member %u, '%s', is not a database image: %s",
	    tar_reader_members(walk->tar), walk->db->name, why);
}

/* Whether this can be an image at all, before any page of it is used. */
static int
begin_image(struct walk *walk, const struct tar_member *member, struct err *err)
{
	if (name_check(member->path, err) < 0) {
		/* Nobody stored it so: no refusal, but damage. */
		err->kind = ERR_DAMAGED;
		return err_within(err, "member %u is not an image",
		    tar_reader_members(walk->tar));
	}
	(void)stpcpy(walk->db->name, member->path);
	walk->db->pages_offset = member->offset;
	if (!member->apart)
		return 0;
	walk->increment = walk->known == NULL;
	return bad_image(walk, "its header stands apart from it", err);
}

/* From the first bytes of the image. */
static int
learn_page_size(struct walk *walk, uint64_t image_bytes,
    const struct tar_span *span, struct err *err)
{
	if (span->len < PAGE_SIZE_AT + PAGE_SIZE_BYTES)
		return bad_image(walk, "its first page is not whole", err);
	uint32_t size = get_be16(span->bytes + PAGE_SIZE_AT);
	if (size == 1)
		size = PAGE_SIZE_MAX;
	if (size < PAGE_SIZE_MIN || (size & (size - 1)) != 0)
		return bad_image(walk, "it has no valid page size", err);
	if (image_bytes % size != 0)
		return bad_image(
		    walk, "its size is not a multiple of its pages'", err);
	if (image_bytes / size > PAGE_COUNT_MAX)
		return bad_image(
		    walk, "it has more pages than SQLite allows", err);
	walk->db->page_size = size;
	walk->db->page_count = (uint32_t)(image_bytes / size);
	return walk_begin_pages(walk, PAGE_SUM_BYTES, err);
}

static int
prove_image(struct walk *walk, const struct tar_member *member, struct err *err)
{
	struct tar_span span = { 0 };

	if (begin_image(walk, member, err) < 0)
		return -1;
	if (walk->options->image_sha256 &&
	    sha256_new(&walk->image_stream, err) < 0)
		return -1;
	for (;;) {
		if (tar_reader_span(walk->tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			break;
		if (walk->proof == NULL &&
		    learn_page_size(walk, member->size, &span, err) < 0)
			return -1;
		if (page_proof_add(walk->proof, walk->frame,
			page_proof_pages(walk->proof) + 1, span.bytes, span.len,
			err) < 0)
			return -1;
		if (walk->image_stream != NULL)
			sha256_add(walk->image_stream, span.bytes, span.len);
	}
	if (walk->proof == NULL)
		return bad_image(walk, "it is empty", err);
	if (walk->image_stream != NULL) {
		sha256_finish(walk->image_stream, walk->db->image_sha256);
		sha256_free(take_ptr(&walk->image_stream));
		walk->db->summed = true;
	}
	return walk_end_pages(walk, err);
}

static int
prove_sums(struct walk *walk, struct err *err)
{
	AUTO(sha256) struct sha256 *root = NULL;
	char path[MEMBER_PATH_BYTES];

	if (sha256_new(&root, err) < 0)
		return -1;
	manifest_root_begin(root, walk->db->page_size, walk->db->page_count);
	member_path_sums(walk->db->name, path);
	if (walk_sums(walk, path, PAGE_SUM_BYTES, root, err) < 0)
		return -1;
	sha256_finish(root, walk->db->root);
	return 0;
}

int
full_read(struct walk *walk, const struct tar_member *member, struct err *err)
{
	return prove_image(walk, member, err) < 0 ? -1 : prove_sums(walk, err);
}
