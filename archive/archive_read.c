/*
 * The recipe: three members in their order, each proved as it goes by, then
 * the manifest held against all that was seen, then the end.
 *
 * The owner's thread reads, cuts frames, sums stored bytes and parses headers.
 * Decoding, page sums and the placing of pages are the workers'.  A page is
 * touched where it was decoded and copied nowhere.
 */
#include "archive/archive_read.h"

#include <stdio.h>
#include <string.h>

#include "archive/frame_read.h"
#include "archive/manifest_member.h"
#include "archive/name.h"
#include "archive/page_proof.h"
#include "archive/tar_read.h"
#include "base/auto.h"
#include "base/bytes.h"

/* Where SQLite's header tells the page size (sqlite.org/fileformat2.html). */
enum { PAGE_SIZE_AT = 16, PAGE_SIZE_BYTES = 2 };

/* What was seen of the archive: the truth that the manifest must tell. */
struct walk {
	const struct archive_read_options *options;
	struct archive_contents *contents;
	struct frame_reader *frames;
	struct frame *frame; /* the one delivered last */
	struct tar_reader *tar;
	struct page_proof *proof;

	char name[MEMBER_NAME_MAX + 1];
	uint64_t image_bytes;
	uint32_t page_size;
	uint32_t page_count;
	uint64_t image_offset;
	uint64_t sums_offset;
	uint8_t root[SHA256_BYTES]; /* of the stored sums */
	struct sha256 *image_stream; /* NULL when the image is not summed */
	uint8_t image_sha256[SHA256_BYTES];
};

static void
walk_auto(struct walk *walk)
{
	tar_reader_free(walk->tar);
	/* Waits for the tasks, which use the proof. */
	frame_reader_free(walk->frames);
	page_proof_free(walk->proof);
	sha256_free(walk->image_stream);
}

/* The tar reader's source: the next frame. */
static int
next_piece(
    void *ctx, const uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
	struct walk *walk = ctx;
	struct archive_contents *contents = walk->contents;
	struct frame *frame = NULL;

	if (frame_reader_next(walk->frames, &frame, err) < 0)
		return -1;
	*ret_bytes = NULL;
	*ret_len = 0;
	if (frame == NULL)
		return 0;
	contents->frames = frame->number + 1;
	walk->frame = frame;
	*ret_bytes = frame->bytes;
	*ret_len = frame->len;
	return 0;
}

static int
open_stream(struct walk *walk, struct err *err)
{
	const struct archive_read_options *options = walk->options;
	const struct frame_read_options frames = {
		.fd = options->fd,
		.name = options->name,
		.scratch = options->scratch,
		.threads = options->threads,
		.work = options->work,
	};
	const struct tar_source source = { .next = next_piece, .ctx = walk };

	if (options->image_sha256 && sha256_new(&walk->image_stream, err) < 0)
		return -1;
	if (frame_reader_new(&frames, &walk->frames, err) < 0)
		return -1;
	return tar_reader_new(&source, &walk->tar, err);
}

/* Whether this can be an image at all, before any page of it is used. */
static int
begin_image(struct walk *walk, struct err *err)
{
	struct tar_member member = { 0 };

	if (tar_reader_member(walk->tar, NULL, &member, err) < 0)
		return -1;
	if (name_check(member.path, err) < 0) {
		/* Nobody stored it so: no refusal, but damage. */
		err->kind = ERR_DAMAGED;
		return err_within(err, "member 1 is not an image");
	}
	(void)stpcpy(walk->name, member.path);
	walk->image_bytes = member.size;
	return 0;
}

static int
bad_image(const struct walk *walk, const char *why, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "member 1, '%s', is not a database image: %s", walk->name, why);
}

/* From the first bytes of the image. */
static int
learn_page_size(struct walk *walk, const struct tar_span *span, struct err *err)
{
	if (span->len < PAGE_SIZE_AT + PAGE_SIZE_BYTES)
		return bad_image(walk, "its first page is not whole", err);
	uint32_t size = get_be16(span->bytes + PAGE_SIZE_AT);
	if (size == 1)
		size = PAGE_SIZE_MAX;
	if (size < PAGE_SIZE_MIN || (size & (size - 1)) != 0)
		return bad_image(walk, "it has no valid page size", err);
	if (walk->image_bytes % size != 0)
		return bad_image(
		    walk, "its size is not a multiple of its pages'", err);
	if (walk->image_bytes / size > PAGE_COUNT_MAX)
		return bad_image(
		    walk, "it has more pages than SQLite allows", err);
	walk->page_size = size;
	walk->page_count = (uint32_t)(walk->image_bytes / size);
	walk->image_offset = span->offset;
	return page_proof_new(walk->options, size, &walk->proof, err);
}

static int
prove_image(struct walk *walk, struct err *err)
{
	struct tar_span span = { 0 };

	if (begin_image(walk, err) < 0)
		return -1;
	for (;;) {
		if (tar_reader_span(walk->tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			break;
		if (walk->proof == NULL &&
		    learn_page_size(walk, &span, err) < 0)
			return -1;
		if (page_proof_add(walk->proof, walk->frames, walk->frame,
			span.bytes, span.len, err) < 0)
			return -1;
		if (walk->image_stream != NULL)
			sha256_add(walk->image_stream, span.bytes, span.len);
	}
	if (walk->proof == NULL)
		return bad_image(walk, "it is empty", err);
	if (walk->image_stream != NULL)
		sha256_finish(walk->image_stream, walk->image_sha256);
	return page_proof_settle(walk->proof, walk->frames, err);
}

static int
begin_sums(struct walk *walk, struct err *err)
{
	char path[sizeof(SUMS_PREFIX SUMS_SUFFIX) + MEMBER_NAME_MAX];
	uint64_t size = (uint64_t)walk->page_count * PAGE_SUM_BYTES;
	struct tar_member member = { 0 };

	(void)snprintf(
	    path, sizeof(path), SUMS_PREFIX "%s" SUMS_SUFFIX, walk->name);
	if (tar_reader_member(walk->tar, path, &member, err) < 0)
		return -1;
	if (member.size != size)
		return err_set(err, ERR_DAMAGED, 0,
		    "member 2, '%s', has %llu bytes, and the sums of %u pages "
		    "have %llu",
		    path, (unsigned long long)member.size, walk->page_count,
		    (unsigned long long)size);
	return 0;
}

static int
prove_sums(struct walk *walk, struct err *err)
{
	AUTO(sha256) struct sha256 *root = NULL;
	struct tar_span span = { 0 };

	if (begin_sums(walk, err) < 0 || sha256_new(&root, err) < 0)
		return -1;
	manifest_root_begin(root, walk->page_size, walk->page_count);
	for (;;) {
		if (tar_reader_span(walk->tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			break;
		if (walk->sums_offset == 0)
			walk->sums_offset = span.offset;
		sha256_add(root, span.bytes, span.len);
		if (page_proof_compare(walk->proof, span.bytes, span.len,
			walk->contents, err) < 0)
			return -1;
	}
	sha256_finish(root, walk->root);
	return 0;
}

static int
untrue(const char *key, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is not what the archive has", key);
}

static int
untrue_number(
    const char *key, uint64_t claimed, uint64_t found, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is %llu, and the archive has %llu", key,
	    (unsigned long long)claimed, (unsigned long long)found);
}

static int
compare_database(const struct walk *walk, const struct manifest_database *db,
    struct err *err)
{
	if (strcmp(db->name, walk->name) != 0)
		return untrue("name", err);
	if (db->page_size != walk->page_size)
		return untrue_number(
		    "page_size", db->page_size, walk->page_size, err);
	if (db->page_count != walk->page_count)
		return untrue_number(
		    "page_count", db->page_count, walk->page_count, err);
	if (db->image_offset != walk->image_offset)
		return untrue_number(
		    "image_offset", db->image_offset, walk->image_offset, err);
	if (db->sums_offset != walk->sums_offset)
		return untrue_number(
		    "sums_offset", db->sums_offset, walk->sums_offset, err);
	if (memcmp(db->root, walk->root, SHA256_BYTES) != 0)
		return untrue("root", err);
	return 0;
}

/* The manifest's own frame, which its sum cannot cover. */
static int
check_last(const struct frame *last, struct err *err)
{
	if (!last->plain)
		return err_set(err, ERR_DAMAGED, 0,
		    "frame %llu at byte %llu: it is not stored raw, as the "
		    "format demands of the one with the manifest",
		    (unsigned long long)last->number,
		    (unsigned long long)last->stored_offset);
	return 0;
}

/* All bytes before the manifest's own frame. */
static int
compare_stored(
    const struct walk *walk, const struct manifest *manifest, struct err *err)
{
	uint8_t digest[SHA256_BYTES];

	if (manifest->stored_bytes != walk->frame->stored_offset)
		return untrue_number("stored_bytes", manifest->stored_bytes,
		    walk->frame->stored_offset, err);
	frame_reader_stored_sha256(walk->frames, digest);
	if (memcmp(manifest->stored_sha256, digest, SHA256_BYTES) != 0)
		return untrue("stored_sha256", err);
	return 0;
}

/*
 * Where pages have a wrong sum the image must have one too; nothing new would
 * be said.
 */
static int
compare_image(const struct walk *walk, const struct manifest_database *db,
    struct err *err)
{
	struct archive_contents *contents = walk->contents;

	if (!db->has_image_sha256 || walk->image_stream == NULL ||
	    contents->bad_pages > 0)
		return 0;
	if (memcmp(db->image_sha256, walk->image_sha256, SHA256_BYTES) != 0)
		return untrue("image_sha256", err);
	contents->image_sha256_checked = true;
	return 0;
}

static int
prove_manifest(struct walk *walk, struct err *err)
{
	struct manifest manifest;

	if (manifest_member_read(
		walk->tar, walk->options->name, &manifest, err) < 0 ||
	    check_last(walk->frame, err) < 0 ||
	    compare_database(walk, &manifest.database, err) < 0 ||
	    compare_stored(walk, &manifest, err) < 0 ||
	    compare_image(walk, &manifest.database, err) < 0)
		return -1;
	walk->contents->manifest = manifest;
	return 0;
}

static int
prove(struct walk *walk, struct err *err)
{
	if (open_stream(walk, err) < 0 || prove_image(walk, err) < 0 ||
	    prove_sums(walk, err) < 0 || prove_manifest(walk, err) < 0 ||
	    tar_reader_finish(walk->tar, err) < 0)
		return -1;
	walk->contents->archive_bytes = frame_reader_stored(walk->frames);
	return 0;
}

int
archive_read(const struct archive_read_options *options,
    struct archive_contents *ret_contents, struct err *err)
{
	*ret_contents = (struct archive_contents){ 0 };
	AUTO(walk)
	struct walk walk = { .options = options, .contents = ret_contents };

	if (prove(&walk, err) == 0)
		return 0;
	return err->kind == ERR_DAMAGED ? err_within(err, "'%s'", options->name)
					: -1;
}
