/*
 * The owner's thread reads, cuts frames, sums stored bytes and parses headers.
 * Decoding, page sums and the placing of pages are the workers'.  A page is
 * touched where it was decoded and copied nowhere.
 */
#include "archive/walk.h"

#include "base/auto.h"

void
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

	/* The pages of the frame before this one are complete. */
	if (walk->proof != NULL && page_proof_flush(walk->proof, err) < 0)
		return -1;
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

int
walk_open(struct walk *walk, struct err *err)
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

	if (frame_reader_new(&frames, &walk->frames, err) < 0)
		return -1;
	return tar_reader_new(&source, &walk->tar, err);
}

const struct manifest_database *
walk_known(const struct walk *walk)
{
	return walk->known == NULL || walk->count > manifest_count(walk->known)
		   ? NULL
		   : manifest_at(walk->known, walk->count - 1);
}

/* Where the pages of this database go: *ret_ctx as the reader's user says. */
static int
ask_for_place(
    const struct walk *walk, bool *ret_place, void **ret_ctx, struct err *err)
{
	const struct archive_read_options *options = walk->options;
	const struct archive_begun begun = {
		.name = walk->db->name,
		.page_size = walk->db->page_size,
		.page_count = walk->db->page_count,
		.increment = walk->db->increment,
		.alone =
		    walk->known == NULL || manifest_count(walk->known) == 1,
		.known = walk_known(walk),
	};

	*ret_ctx = options->place_ctx;
	*ret_place = options->place != NULL;
	if (options->begin == NULL)
		return 0;
	*ret_ctx = NULL;
	if (options->begin(options->begin_ctx, &begun, ret_ctx, err) < 0)
		return -1;
	*ret_place = *ret_place && *ret_ctx != NULL;
	return 0;
}

int
walk_begin_pages(struct walk *walk, uint32_t entry_bytes, struct err *err)
{
	bool place = false;
	void *ctx = NULL;

	if (ask_for_place(walk, &place, &ctx, err) < 0)
		return -1;
	const struct page_proof_options proof = {
		.frames = walk->frames,
		.scratch = walk->options->scratch,
		.place = place ? walk->options->place : NULL,
		.place_ctx = ctx,
		.database = (uint8_t)(walk->count - 1),
		.page_size = walk->db->page_size,
		.page_count = walk->db->page_count,
		.entry_bytes = entry_bytes,
	};

	return page_proof_new(&proof, &walk->proof, err);
}

int
walk_end_pages(struct walk *walk, struct err *err)
{
	walk->db->pages_stored = page_proof_pages(walk->proof);
	return page_proof_settle(walk->proof, err);
}

static int
begin_sums(
    struct walk *walk, const char *path, uint32_t entry_bytes, struct err *err)
{
	uint64_t size = (uint64_t)walk->db->pages_stored * entry_bytes;
	struct tar_member member = { 0 };

	if (tar_reader_member(walk->tar, path, &member, err) < 0)
		return -1;
	walk->db->sums_offset = member.offset;
	if (member.size != size)
		return err_set(err, ERR_DAMAGED, 0,
		    "member '%s' has %llu bytes, and the sums of %u pages "
		    "have %llu",
		    path, (unsigned long long)member.size,
		    walk->db->pages_stored, (unsigned long long)size);
	return 0;
}

int
walk_sums(struct walk *walk, const char *path, uint32_t entry_bytes,
    struct sha256 *root, struct err *err)
{
	struct tar_span span = { 0 };

	if (begin_sums(walk, path, entry_bytes, err) < 0)
		return -1;
	for (;;) {
		if (tar_reader_span(walk->tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			break;
		if (root != NULL)
			sha256_add(root, span.bytes, span.len);
		if (page_proof_compare(walk->proof, span.bytes, span.len,
			walk->contents, err) < 0)
			return -1;
	}
	page_proof_free(take_ptr(&walk->proof));
	return 0;
}
