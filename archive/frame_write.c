/*
 * A ring of slots.  The owner's thread fills the newest slot, workers squeeze
 * those behind it, and the owner stores the oldest when the ring is full (or
 * when it must be empty).  So frames are stored in the order in which they
 * were cut, whatever the order in which they are done, and only the owner's
 * thread writes, sums and calls back.
 *
 * Page sums are made by the worker just before it compresses: the bytes are
 * then in its cache, and the owner's thread, which may be holding a database
 * open, is left alone.
 *
 * A zstd context is large (1.3 MiB at level 3, tens at level 19) and useful
 * only while a worker runs, so there are as many as workers, not as slots.
 */
#include "archive/frame_write.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "archive/layout.h"
#include "archive/plain_frame.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/pool.h"

enum { SLOTS_PER_THREAD = 2, SEEK_TABLE_PIECE = 1 << 16 };

/* What a worker needs while it works on a frame. */
struct press {
	ZSTD_CCtx *zstd;
	struct sha256 *sha256;
	struct press *next; /* the next one that nobody uses */
};

/* One frame on its way. */
struct slot {
	struct task task; /* first: the worker finds the slot by it */
	struct frame_writer *writer;

	uint8_t *raw; /* FRAME_RAW_MAX bytes */
	size_t raw_len;
	size_t pages_at; /* the pages in it ... */
	size_t page_size;
	size_t page_count;
	bool plain; /* to be stored so */

	/* The worker's answer, read after pool_wait(). */
	uint8_t *stored; /* ZSTD_compressBound(FRAME_RAW_MAX) bytes */
	size_t stored_len; /* or a zstd error code */
	uint8_t *sums; /* room for the most pages that fit */
};

struct frame_writer {
	struct frame_write_options options;
	struct pool *pool;
	struct seek_table *table;
	struct sha256 *sha256; /* of all stored bytes */
	uint64_t stored;
	uint64_t raw;

	/* Frames are numbered; frame n lies in slot n % slot_count. */
	struct slot *slot;
	unsigned slot_count;
	uint64_t oldest; /* the first frame that is not stored */
	uint64_t cut; /* frames that the workers have or had */
	struct slot *open; /* being filled; NULL when nothing is in it */

	atomic_bool abandoned; /* workers need not bother */
	struct press *press; /* all of them */
	pthread_mutex_t press_lock;
	struct press *press_free; /* those that nobody uses */
};

static struct press *
take_press(struct frame_writer *writer)
{
	pthread_mutex_lock(&writer->press_lock);
	struct press *press = writer->press_free;
	/* One for each worker, and a worker has one task at a time. */
	assert(press != NULL);
	writer->press_free = press->next;
	pthread_mutex_unlock(&writer->press_lock);
	return press;
}

static void
give_press(struct frame_writer *writer, struct press *press)
{
	pthread_mutex_lock(&writer->press_lock);
	press->next = writer->press_free;
	writer->press_free = press;
	pthread_mutex_unlock(&writer->press_lock);
}

/*
 * Only zstd can tell the checksum, and only together with a frame: it is the
 * end of the compressed one, which the plain one replaces.
 */
static void
make_plain(struct slot *slot)
{
	uint8_t checksum[FRAME_CHECKSUM_BYTES];

	if (ZSTD_isError(slot->stored_len))
		return;
	memcpy(checksum, slot->stored + slot->stored_len - sizeof(checksum),
	    sizeof(checksum));
	plain_frame_encode(slot->raw, slot->raw_len, checksum, slot->stored);
	slot->stored_len = plain_frame_size(slot->raw_len);
}

/* On a worker thread. */
static void
squeeze(struct task *task)
{
	struct slot *slot = (struct slot *)task;

	if (atomic_load(&slot->writer->abandoned))
		return;
	struct press *press = take_press(slot->writer);
	sha256_pages(press->sha256, slot->raw + slot->pages_at, slot->page_size,
	    slot->page_count, slot->sums);
	slot->stored_len = ZSTD_compress2(press->zstd, slot->stored,
	    ZSTD_compressBound(FRAME_RAW_MAX), slot->raw, slot->raw_len);
	give_press(slot->writer, press);
	if (slot->plain)
		make_plain(slot);
}

static int
slot_init(struct slot *slot, struct frame_writer *writer)
{
	slot->writer = writer;
	slot->task.run = squeeze;
	slot->raw = malloc(FRAME_RAW_MAX);
	slot->stored = malloc(ZSTD_compressBound(FRAME_RAW_MAX));
	slot->sums = malloc(FRAME_RAW_MAX / PAGE_SIZE_MIN * PAGE_SUM_BYTES);
	return slot->raw == NULL || slot->stored == NULL || slot->sums == NULL
		   ? -1
		   : 0;
}

/*
 * Level 3 with a hash table of half its size: on pages of databases 8 % less
 * processor time for 0.6 % more bytes (DESIGN.md, What is measured).
 */
enum { TUNED_LEVEL = 3, TUNED_HASH_LOG = 16 };

static int
press_init(struct press *press, int level, struct err *err)
{
	press->zstd = ZSTD_createCCtx();
	if (press->zstd == NULL)
		return err_system(err, "begin to compress");
	if (ZSTD_isError(ZSTD_CCtx_setParameter(
		press->zstd, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(
		press->zstd, ZSTD_c_contentSizeFlag, 1)) ||
	    ZSTD_isError(
		ZSTD_CCtx_setParameter(press->zstd, ZSTD_c_checksumFlag, 1)) ||
	    (level == TUNED_LEVEL &&
		ZSTD_isError(ZSTD_CCtx_setParameter(
		    press->zstd, ZSTD_c_hashLog, TUNED_HASH_LOG))))
		return err_set(err, ERR_FAILED, 0,
		    "zstd %s cannot compress at level %d with checksums",
		    ZSTD_versionString(), level);
	return sha256_new(&press->sha256, err);
}

static int
make_slots(struct frame_writer *writer, struct err *err)
{
	unsigned count = SLOTS_PER_THREAD * writer->options.threads + 2;

	writer->slot = calloc(count, sizeof(*writer->slot));
	if (writer->slot == NULL)
		return err_system(err, "get memory for %u frames", count);
	writer->slot_count = count;
	for (unsigned i = 0; i < count; i++) {
		if (slot_init(&writer->slot[i], writer) < 0)
			return err_system(
			    err, "get memory for %u frames", count);
	}
	return 0;
}

static int
make_presses(struct frame_writer *writer, struct err *err)
{
	unsigned count = writer->options.threads;

	writer->press = calloc(count, sizeof(*writer->press));
	if (writer->press == NULL)
		return err_system(err, "begin to compress");
	for (unsigned i = 0; i < count; i++) {
		if (press_init(&writer->press[i], writer->options.level, err) <
		    0)
			return -1;
		give_press(writer, &writer->press[i]);
	}
	return 0;
}

int
frame_writer_new(const struct frame_write_options *options,
    struct frame_writer **ret_writer, struct err *err)
{
	AUTO(frame_writer)
	struct frame_writer *writer = calloc(1, sizeof(*writer));

	assert(options->threads > 0);
	if (writer == NULL)
		return err_system(err, "begin to write '%s'", options->name);
	writer->options = *options;
	pthread_mutex_init(&writer->press_lock, NULL);
	if (make_slots(writer, err) < 0 || make_presses(writer, err) < 0 ||
	    sha256_new(&writer->sha256, err) < 0 ||
	    seek_table_new(options->scratch, &writer->table, err) < 0 ||
	    pool_new(options->threads, POOL_BEHIND, &writer->pool, err) < 0)
		return -1;
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
frame_writer_free(struct frame_writer *writer)
{
	if (writer == NULL)
		return;
	/* First: it waits for the workers, who use all the rest. */
	atomic_store(&writer->abandoned, true);
	pool_free(writer->pool);
	seek_table_free(writer->table);
	sha256_free(writer->sha256);
	for (unsigned i = 0; i < writer->slot_count; i++) {
		free(writer->slot[i].raw);
		free(writer->slot[i].stored);
		free(writer->slot[i].sums);
	}
	free(writer->slot);
	for (unsigned i = 0;
	     writer->press != NULL && i < writer->options.threads; i++) {
		ZSTD_freeCCtx(writer->press[i].zstd);
		sha256_free(writer->press[i].sha256);
	}
	free(writer->press);
	pthread_mutex_destroy(&writer->press_lock);
	free(writer);
}

void
frame_writer_auto(struct frame_writer **place)
{
	frame_writer_free(*place);
}

static struct slot *
slot_of(struct frame_writer *writer, uint64_t frame)
{
	return &writer->slot[frame % writer->slot_count];
}

/* All stored bytes go through here, in order. */
static int
store(
    struct frame_writer *writer, const void *bytes, size_t len, struct err *err)
{
	const struct frame_write_options *options = &writer->options;

	if (file_write(
		options->fd, bytes, len, options->name, options->work, err) < 0)
		return -1;
	sha256_add(writer->sha256, bytes, len);
	file_write_behind(options->fd, writer->stored, len);
	writer->stored += len;
	return 0;
}

/* The oldest frame leaves the ring. */
static int
store_oldest(struct frame_writer *writer, struct err *err)
{
	const struct frame_write_options *options = &writer->options;
	struct slot *slot = slot_of(writer, writer->oldest);

	if (work_check(options->work, err) < 0)
		return -1;
	pool_wait(writer->pool, &slot->task);
	if (ZSTD_isError(slot->stored_len))
		return err_set(err, ERR_FAILED, 0,
		    "compress a frame of '%s': %s", options->name,
		    ZSTD_getErrorName(slot->stored_len));

	const struct seek_entry entry = {
		.stored = (uint32_t)slot->stored_len,
		.raw = (uint32_t)slot->raw_len,
	};
	if (store(writer, slot->stored, slot->stored_len, err) < 0 ||
	    seek_table_add(writer->table, entry, err) < 0)
		return -1;
	if (slot->page_count > 0 && options->sums(options->sums_ctx, slot->sums,
					slot->page_count, err) < 0)
		return -1;
	slot->raw_len = 0;
	slot->page_count = 0;
	slot->plain = false;
	writer->oldest++;
	return 0;
}

/* Sees to it that a frame is open; the ring may have to make room first. */
static int
open_frame(struct frame_writer *writer, struct err *err)
{
	if (writer->open != NULL)
		return 0;
	if (writer->cut - writer->oldest == writer->slot_count &&
	    store_oldest(writer, err) < 0)
		return -1;
	writer->open = slot_of(writer, writer->cut);
	return 0;
}

int
frame_writer_add(
    struct frame_writer *writer, const void *bytes, size_t len, struct err *err)
{
	if (len == 0)
		return 0;
	if (open_frame(writer, err) < 0)
		return -1;
	struct slot *slot = writer->open;
	assert(len <= FRAME_RAW_MAX - slot->raw_len);
	memcpy(slot->raw + slot->raw_len, bytes, len);
	slot->raw_len += len;
	writer->raw += len;
	return 0;
}

int
frame_writer_add_page(struct frame_writer *writer, const uint8_t *page,
    size_t page_size, struct err *err)
{
	assert(writer->options.sums != NULL);
	assert(page_size >= PAGE_SIZE_MIN && page_size <= PAGE_SIZE_MAX);
	if (open_frame(writer, err) < 0)
		return -1;
	struct slot *slot = writer->open;
	if (slot->page_count == 0) {
		slot->pages_at = slot->raw_len;
		slot->page_size = page_size;
	}
	assert(slot->page_size == page_size &&
	       slot->raw_len == slot->pages_at + slot->page_count * page_size);
	slot->page_count++;
	return frame_writer_add(writer, page, page_size, err);
}

void
frame_writer_cut(struct frame_writer *writer)
{
	if (writer->open == NULL)
		return;
	pool_submit(writer->pool, &writer->open->task);
	writer->open = NULL;
	writer->cut++;
}

void
frame_writer_cut_plain(struct frame_writer *writer)
{
	if (writer->open != NULL)
		writer->open->plain = true;
	frame_writer_cut(writer);
}

int
frame_writer_drain(struct frame_writer *writer, struct err *err)
{
	frame_writer_cut(writer);
	while (writer->oldest < writer->cut) {
		if (store_oldest(writer, err) < 0)
			return -1;
	}
	return 0;
}

uint64_t
frame_writer_raw(const struct frame_writer *writer)
{
	return writer->raw;
}

uint64_t
frame_writer_stored(const struct frame_writer *writer)
{
	assert(writer->oldest == writer->cut && writer->open == NULL);
	return writer->stored;
}

void
frame_writer_stored_sha256(
    const struct frame_writer *writer, uint8_t ret_digest[SHA256_BYTES])
{
	assert(writer->oldest == writer->cut && writer->open == NULL);
	sha256_peek(writer->sha256, ret_digest);
}

int
frame_writer_finish(struct frame_writer *writer, struct err *err)
{
	uint8_t piece[SEEK_TABLE_PIECE];
	size_t len = 0;

	if (frame_writer_drain(writer, err) < 0)
		return -1;
	do {
		if (seek_table_encode(
			writer->table, piece, sizeof(piece), &len, err) < 0 ||
		    store(writer, piece, len, err) < 0)
			return -1;
	} while (len > 0);
	return 0;
}
