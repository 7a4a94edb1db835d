/*
 * The work on a frame's pages is one task on the pool: sum them, note what must
 * be stored of them at its place in the scratch file, put the pages in their
 * place.  Tasks end in any order and nothing waits for its turn.  Their results
 * are places in files, so there is nothing to collect but the first error,
 * which the owner's thread looks for when it comes by.
 */
#include "archive/page_proof.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/page_list.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

/* What is stored is compared in pieces of so many pages. */
enum { PIECE_PAGES = 1 << 12 };

static const char sums_scratch[] = "the scratch file of page sums";

struct page_proof {
	struct page_proof_options options;
	int sums_fd; /* what must be stored, in page order */
	uint64_t pages; /* added so far */
	uint64_t compared;
	uint32_t newest; /* number of the page added last */
	struct frame *open; /* its pages are not given to a worker yet */

	atomic_bool failed; /* `err` is set, and no task need bother */
	pthread_mutex_t err_lock;
	struct err err;
};

int
page_proof_new(const struct page_proof_options *options,
    struct page_proof **ret_proof, struct err *err)
{
	AUTO(page_proof) struct page_proof *proof = calloc(1, sizeof(*proof));

	assert(options->page_size >= PAGE_SIZE_MIN &&
	       options->page_size <= PAGE_SIZE_MAX);
	assert(options->entry_bytes == PAGE_SUM_BYTES ||
	       options->entry_bytes == PAGE_ENTRY_BYTES);
	if (proof == NULL)
		return err_system(err, "begin to prove pages");
	proof->options = *options;
	proof->sums_fd = -1;
	pthread_mutex_init(&proof->err_lock, NULL);
	if (file_scratch(options->scratch, &proof->sums_fd, err) < 0)
		return -1;
	*ret_proof = take_ptr(&proof);
	return 0;
}

void
page_proof_free(struct page_proof *proof)
{
	if (proof == NULL)
		return;
	fd_auto(&proof->sums_fd);
	pthread_mutex_destroy(&proof->err_lock);
	free(proof);
}

void
page_proof_auto(struct page_proof **place)
{
	page_proof_free(*place);
}

/* What must be stored of a job's pages, by their sums. */
static const uint8_t *
make_entries(const struct page_proof *proof, struct frame_job *job)
{
	if (proof->options.entry_bytes == PAGE_SUM_BYTES)
		return job->sums;
	for (size_t i = 0; i < job->count; i++) {
		uint8_t *entry = job->entries + i * PAGE_ENTRY_BYTES;

		put_le32(entry, job->numbers[i]);
		memcpy(entry + PAGE_ENTRY_NUMBER,
		    job->sums + i * PAGE_SUM_BYTES, PAGE_SUM_BYTES);
	}
	return job->entries;
}

/* On a worker thread. */
static int
prove(const struct page_proof *proof, struct frame_job *job, struct err *err)
{
	uint32_t entry_bytes = proof->options.entry_bytes;
	const struct page_batch batch = {
		.pages = job->pages,
		.numbers = job->numbers,
		.sums = job->sums,
		.count = job->count,
		.page_size = proof->options.page_size,
	};

	sha256_pages(
	    job->sha256, job->pages, batch.page_size, job->count, job->sums);
	if (file_write_at(proof->sums_fd, make_entries(proof, job),
		job->count * entry_bytes, job->first * entry_bytes,
		sums_scratch, err) < 0)
		return err_within(err, "folder '%s'", proof->options.scratch);
	if (proof->options.place == NULL)
		return 0;
	return proof->options.place(proof->options.place_ctx, &batch, err);
}

static void
note_failure(struct page_proof *proof, const struct err *err)
{
	pthread_mutex_lock(&proof->err_lock);
	if (!atomic_load(&proof->failed))
		proof->err = *err;
	atomic_store(&proof->failed, true);
	pthread_mutex_unlock(&proof->err_lock);
}

static void
run_job(struct task *task)
{
	struct frame *frame =
	    (struct frame *)((char *)task - offsetof(struct frame, task));
	struct page_proof *proof = frame->job.ctx;
	struct err err = { 0 };

	if (atomic_load(&proof->failed))
		return;
	if (prove(proof, &frame->job, &err) < 0)
		note_failure(proof, &err);
}

static int
check_failure(struct page_proof *proof, struct err *err)
{
	if (!atomic_load(&proof->failed))
		return 0;
	pthread_mutex_lock(&proof->err_lock);
	*err = proof->err;
	pthread_mutex_unlock(&proof->err_lock);
	return -1;
}

/* A frame has one task, so its pages must lie together. */
static int
check_cut(const struct page_proof *proof, const struct frame *frame,
    const uint8_t *pages, size_t len, struct err *err)
{
	const struct frame_job *job = &frame->job;
	uint32_t page_size = proof->options.page_size;
	bool behind = proof->open != frame ||
		      pages == job->pages + job->count * page_size;

	if (behind && len % page_size == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "frame %llu at byte %llu: it does not hold whole pages in one run",
	    (unsigned long long)frame->number,
	    (unsigned long long)frame->stored_offset);
}

static int
check_numbers(const struct page_proof *proof, uint32_t number, size_t count,
    struct err *err)
{
	if (number <= proof->newest)
		return err_set(err, ERR_DAMAGED, 0,
		    "page %u is stored behind page %u", number, proof->newest);
	if (number > proof->options.page_count ||
	    count > (size_t)proof->options.page_count - number + 1)
		return err_set(err, ERR_DAMAGED, 0,
		    "there are pages behind page %u, the last one",
		    proof->options.page_count);
	return 0;
}

int
page_proof_add(struct page_proof *proof, struct frame *frame, uint32_t number,
    const uint8_t *pages, size_t len, struct err *err)
{
	struct frame_job *job = &frame->job;
	size_t count = len / proof->options.page_size;

	if (check_cut(proof, frame, pages, len, err) < 0 ||
	    check_numbers(proof, number, count, err) < 0)
		return -1;
	if (proof->open != frame) {
		assert(proof->open == NULL);
		job->ctx = proof;
		job->pages = pages;
		job->count = 0;
		job->first = proof->pages;
		proof->open = frame;
	}
	assert(job->count + count <= FRAME_PAGES_MAX);
	for (size_t i = 0; i < count; i++)
		job->numbers[job->count++] = number + (uint32_t)i;
	proof->pages += count;
	proof->newest = number + (uint32_t)count - 1;
	return 0;
}

int
page_proof_flush(struct page_proof *proof, struct err *err)
{
	struct frame *frame = take_ptr(&proof->open);

	if (frame != NULL) {
		frame->task.run = run_job;
		pool_submit(
		    frame_reader_pool(proof->options.frames), &frame->task);
	}
	return check_failure(proof, err);
}

int
page_proof_settle(struct page_proof *proof, struct err *err)
{
	if (page_proof_flush(proof, err) < 0)
		return -1;
	frame_reader_settle(proof->options.frames);
	return check_failure(proof, err);
}

uint32_t
page_proof_pages(const struct page_proof *proof)
{
	return (uint32_t)proof->pages;
}

static void
note_bad_page(
    struct archive_contents *contents, uint8_t database, uint32_t page)
{
	uint32_t at = contents->bad_pages++;

	if (at >= ARCHIVE_BAD_PAGES_LISTED)
		return;
	contents->bad_page[at] = page;
	contents->bad_database[at] = database;
}

/* One page, of which not the same is stored as what must be. */
static int
compare_entry(const struct page_proof *proof, uint64_t index,
    const uint8_t *stored, const uint8_t *computed,
    struct archive_contents *contents, struct err *err)
{
	uint32_t page = (uint32_t)index + 1;

	if (proof->options.entry_bytes == PAGE_ENTRY_BYTES) {
		page = get_le32(computed);
		if (get_le32(stored) != page)
			return err_set(err, ERR_DAMAGED, 0,
			    "entry %llu of the list of pages is of page %u, "
			    "and page %u is stored",
			    (unsigned long long)index + 1, get_le32(stored),
			    page);
	}
	note_bad_page(contents, proof->options.database, page);
	return 0;
}

static int
compare_piece(struct page_proof *proof, const uint8_t *stored, size_t count,
    struct archive_contents *contents, struct err *err)
{
	uint8_t computed[PIECE_PAGES * PAGE_ENTRY_BYTES];
	uint32_t bytes = proof->options.entry_bytes;
	size_t got = 0;

	if (file_read_at(proof->sums_fd, computed, count * bytes,
		proof->compared * bytes, sums_scratch, &got, err) < 0)
		return -1;
	if (got < count * bytes)
		return err_set(err, ERR_FAILED, 0,
		    "%s became shorter while it was in use", sums_scratch);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *is = stored + i * bytes;
		const uint8_t *must = computed + i * bytes;

		if (memcmp(is, must, bytes) != 0 &&
		    compare_entry(proof, proof->compared + i, is, must,
			contents, err) < 0)
			return -1;
	}
	proof->compared += count;
	return 0;
}

int
page_proof_compare(struct page_proof *proof, const uint8_t *stored, size_t len,
    struct archive_contents *contents, struct err *err)
{
	uint32_t bytes = proof->options.entry_bytes;
	size_t count = len / bytes;

	assert(count <= proof->pages - proof->compared);
	if (len % bytes != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "entry %llu of the sums is split between frames",
		    (unsigned long long)(proof->compared + count + 1));
	for (size_t at = 0, piece = 0; at < count; at += piece) {
		piece = count - at < PIECE_PAGES ? count - at : PIECE_PAGES;
		if (compare_piece(
			proof, stored + at * bytes, piece, contents, err) < 0)
			return -1;
	}
	return 0;
}
