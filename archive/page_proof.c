/*
 * The work on a frame's pages is one task on the pool: sum them, note the sums
 * at their place in the scratch file, put the pages in their place.  Tasks end
 * in any order and nothing waits for its turn.  Their results are places in
 * files, so there is nothing to collect but the first error, which the owner's
 * thread looks for when it comes by.
 */
#include "archive/page_proof.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"

enum { SUMS_PIECE = 1 << 16 };
_Static_assert(SUMS_PIECE % PAGE_SUM_BYTES == 0, "pieces hold whole sums");

static const char sums_scratch[] = "the scratch file of page sums";

struct page_proof {
	const struct archive_read_options *read;
	uint32_t page_size;
	int sums_fd; /* computed sums, in page order */
	uint64_t pages; /* given to workers */
	uint64_t compared;
	uint64_t newest; /* number of the frame that pages came from last */

	atomic_bool failed; /* `err` is set, and no task need bother */
	pthread_mutex_t err_lock;
	struct err err;
};

int
page_proof_new(const struct archive_read_options *read, uint32_t page_size,
    struct page_proof **ret_proof, struct err *err)
{
	AUTO(page_proof) struct page_proof *proof = calloc(1, sizeof(*proof));

	assert(page_size >= PAGE_SIZE_MIN && page_size <= PAGE_SIZE_MAX);
	if (proof == NULL)
		return err_system(err, "begin to prove pages");
	proof->read = read;
	proof->page_size = page_size;
	proof->sums_fd = -1;
	pthread_mutex_init(&proof->err_lock, NULL);
	if (file_scratch(read->scratch, &proof->sums_fd, err) < 0)
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

/* On a worker thread. */
static int
prove(const struct page_proof *proof, struct frame_job *job, struct err *err)
{
	const struct archive_read_options *read = proof->read;

	sha256_pages(
	    job->sha256, job->pages, proof->page_size, job->count, job->sums);
	if (file_write_at(proof->sums_fd, job->sums,
		job->count * PAGE_SUM_BYTES, job->first * PAGE_SUM_BYTES,
		sums_scratch, err) < 0)
		return -1;
	if (read->place == NULL)
		return 0;
	return read->place(read->place_ctx, (uint32_t)job->first + 1,
	    job->pages, job->count, proof->page_size, err);
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

/*
 * A frame has one task.  libarchive gives the data of a frame in one span, but
 * for a sparse map whose pieces touch; that is no member of ours.
 */
static int
check_cut(const struct page_proof *proof, const struct frame *frame, size_t len,
    struct err *err)
{
	bool again = proof->pages > 0 && proof->newest == frame->number;

	if (!again && len % proof->page_size == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "frame %llu at byte %llu: it does not hold whole pages in one run",
	    (unsigned long long)frame->number,
	    (unsigned long long)frame->stored_offset);
}

int
page_proof_add(struct page_proof *proof, struct frame_reader *frames,
    struct frame *frame, const uint8_t *pages, size_t len, struct err *err)
{
	struct frame_job *job = &frame->job;

	if (check_failure(proof, err) < 0 ||
	    check_cut(proof, frame, len, err) < 0)
		return -1;
	job->ctx = proof;
	job->pages = pages;
	job->count = len / proof->page_size;
	job->first = proof->pages;
	assert(job->count * PAGE_SUM_BYTES <= sizeof(job->sums));
	assert(job->first + job->count <= PAGE_COUNT_MAX);
	proof->pages += job->count;
	proof->newest = frame->number;
	frame->task.run = run_job;
	pool_submit(frame_reader_pool(frames), &frame->task);
	return 0;
}

int
page_proof_settle(
    struct page_proof *proof, struct frame_reader *frames, struct err *err)
{
	frame_reader_settle(frames);
	return check_failure(proof, err);
}

static void
note_bad_page(struct archive_contents *contents, uint32_t page)
{
	if (contents->bad_pages < ARCHIVE_BAD_PAGES_LISTED)
		contents->bad_page[contents->bad_pages] = page;
	contents->bad_pages++;
}

static void
compare_piece(const struct page_proof *proof, const uint8_t *stored,
    const uint8_t *computed, size_t len, struct archive_contents *contents)
{
	if (memcmp(stored, computed, len) == 0)
		return;
	for (size_t i = 0; i < len; i += PAGE_SUM_BYTES) {
		uint64_t page = proof->compared + i / PAGE_SUM_BYTES + 1;

		if (memcmp(stored + i, computed + i, PAGE_SUM_BYTES) != 0)
			note_bad_page(contents, (uint32_t)page);
	}
}

int
page_proof_compare(struct page_proof *proof, const uint8_t *sums, size_t len,
    struct archive_contents *contents, struct err *err)
{
	uint8_t computed[SUMS_PIECE];

	if (len % PAGE_SUM_BYTES != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "the sum of page %llu is split between frames",
		    (unsigned long long)(proof->compared +
					 len / PAGE_SUM_BYTES + 1));
	for (size_t done = 0, piece = 0; done < len; done += piece) {
		size_t got = 0;

		piece = len - done < SUMS_PIECE ? len - done : SUMS_PIECE;
		if (file_read_at(proof->sums_fd, computed, piece,
			proof->compared * PAGE_SUM_BYTES, sums_scratch, &got,
			err) < 0)
			return -1;
		if (got < piece)
			return err_set(err, ERR_FAILED, 0,
			    "%s became shorter while it was in use",
			    sums_scratch);
		compare_piece(proof, sums + done, computed, piece, contents);
		proof->compared += piece / PAGE_SUM_BYTES;
	}
	return 0;
}
