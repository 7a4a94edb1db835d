/*
 * A ring of slots, as in frame_write.c, run the other way.  The owner's thread
 * reads frames whole and in order into the newest slots, workers decode them,
 * and the owner delivers the oldest.
 *
 * Half of the ring is read ahead of delivery.  The other half was delivered
 * and may still have the caller's task at work, so that reading does not wait
 * for what was submitted a moment ago.
 *
 * A frame's stored bytes are summed when the caller gives the frame back, that
 * is, one frame behind delivery: so the running sum is always that of what
 * lies before the frame in the caller's hands.  Nobody can say of a frame that
 * it is the last one before the caller has looked into it.
 *
 * What goes wrong while reading ahead is kept until the frames before it were
 * delivered; then the same bytes give the same story with any number of
 * threads.
 */
#include "archive/frame_read.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zstd.h>

#include "archive/frame_split.h"
#include "archive/plain_frame.h"
#include "archive/seek_table.h"
#include "archive/stored.h"
#include "base/auto.h"

/* One frame on its way. */
struct slot {
	struct task decode; /* first: the worker finds the slot by it */
	struct frame_reader *reader;
	ZSTD_DCtx *zstd;
	uint8_t *stored; /* frame_stored_max() bytes */
	size_t stored_len;
	size_t decoded; /* bytes, or a zstd error code; after pool_wait() */
	struct frame frame; /* what the caller sees of it */
};

struct frame_reader {
	struct frame_read_options options;
	struct pool *pool;
	struct seek_table *table; /* as it must be */
	struct sha256 *sha256; /* of stored bytes */
	struct stored input;
	uint64_t raw; /* read so far: bytes of the tar stream */

	/* Frames are numbered; frame n lies in slot n % slot_count. */
	struct slot *slot;
	unsigned slot_count;
	unsigned ahead; /* frames read and not delivered, at most */
	uint64_t read;
	uint64_t delivered; /* the caller holds the one before this */
	bool held; /* ... and its stored bytes are not summed yet */

	/* How reading ended: with a failure, or before the seek table. */
	bool ended;
	struct err failure;
	bool finished;

	atomic_bool abandoned; /* workers need not bother */
};

/* On a worker thread. */
static void
decode(struct task *task)
{
	struct slot *slot = (struct slot *)task;

	if (atomic_load(&slot->reader->abandoned))
		return;
	slot->decoded = ZSTD_decompressDCtx(slot->zstd, slot->frame.bytes,
	    slot->frame.len, slot->stored, slot->stored_len);
}

static int
slot_init(struct slot *slot, struct frame_reader *reader, struct err *err)
{
	slot->reader = reader;
	slot->decode.run = decode;
	slot->zstd = ZSTD_createDCtx();
	slot->stored = malloc(frame_stored_max());
	slot->frame.bytes = malloc(FRAME_RAW_MAX);
	if (slot->zstd == NULL || slot->stored == NULL ||
	    slot->frame.bytes == NULL)
		return err_system(err, "get memory for a frame");
	return sha256_new(&slot->frame.job.sha256, err);
}

static int
make_slots(struct frame_reader *reader, struct err *err)
{
	unsigned ahead = reader->options.threads + 1;
	unsigned count = 2 * ahead;

	reader->slot = calloc(count, sizeof(*reader->slot));
	if (reader->slot == NULL)
		return err_system(err, "get memory for %u frames", count);
	reader->slot_count = count;
	reader->ahead = ahead;
	for (unsigned i = 0; i < count; i++) {
		if (slot_init(&reader->slot[i], reader, err) < 0)
			return -1;
	}
	return 0;
}

int
frame_reader_new(const struct frame_read_options *options,
    struct frame_reader **ret_reader, struct err *err)
{
	AUTO(frame_reader)
	struct frame_reader *reader = calloc(1, sizeof(*reader));

	assert(options->threads > 0);
	if (reader == NULL)
		return err_system(err, "begin to read '%s'", options->name);
	reader->options = *options;
	reader->input = (struct stored){
		.fd = options->fd,
		.name = options->name,
		.work = options->work,
	};
	if (make_slots(reader, err) < 0 ||
	    sha256_new(&reader->sha256, err) < 0 ||
	    seek_table_new(options->scratch, &reader->table, err) < 0 ||
	    pool_new(options->threads, POOL_BEHIND, &reader->pool, err) < 0)
		return -1;
	*ret_reader = take_ptr(&reader);
	return 0;
}

void
frame_reader_free(struct frame_reader *reader)
{
	if (reader == NULL)
		return;
	/* First: it waits for the workers, who use all the rest. */
	atomic_store(&reader->abandoned, true);
	pool_free(reader->pool);
	seek_table_free(reader->table);
	sha256_free(reader->sha256);
	for (unsigned i = 0; i < reader->slot_count; i++) {
		ZSTD_freeDCtx(reader->slot[i].zstd);
		free(reader->slot[i].stored);
		free(reader->slot[i].frame.bytes);
		sha256_free(reader->slot[i].frame.job.sha256);
	}
	free(reader->slot);
	free(reader);
}

void
frame_reader_auto(struct frame_reader **place)
{
	frame_reader_free(*place);
}

static struct slot *
slot_of(struct frame_reader *reader, uint64_t frame)
{
	return &reader->slot[frame % reader->slot_count];
}

/* Puts the place of a frame in front of what is wrong with it. */
static int
at_frame(const struct frame *frame, struct err *err)
{
	return err_within(err, "frame %llu at byte %llu",
	    (unsigned long long)frame->number,
	    (unsigned long long)frame->stored_offset);
}

static int
cut_off(const struct frame_reader *reader, const struct frame *frame,
    struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, 0,
	    "the file ends in the middle of it, after %llu bytes",
	    (unsigned long long)reader->input.offset);
	return at_frame(frame, err);
}

static int
no_archive(const char *why, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0, "not a litesafe archive: %s", why);
}

/*
 * Looks at the first bytes of what may be a frame, already in `slot`; sets
 * `ended` when it is the seek table.  What lies there before any frame was
 * seen is no damage to an archive but something else.
 */
static int
begin_frame(
    struct frame_reader *reader, struct slot *slot, size_t got, struct err *err)
{
	bool first = reader->read == 0;

	if (got == 0 && first)
		return err_set(err, ERR_DAMAGED, 0, "the file is empty");
	if (got == 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "the file ends after frame %llu, at byte %llu, without a "
		    "seek table",
		    (unsigned long long)reader->read - 1,
		    (unsigned long long)reader->input.offset);
	if (got < FRAME_MAGIC_BYTES && first)
		return no_archive("it is shorter than any frame", err);
	if (got < FRAME_MAGIC_BYTES)
		return err_set(err, ERR_DAMAGED, 0,
		    "the file ends after %llu bytes, in the middle of a frame "
		    "or of the seek table",
		    (unsigned long long)reader->input.offset);

	enum frame_kind kind = frame_kind(slot->stored);
	if (kind != FRAME_ZSTD && first)
		return no_archive("it does not begin with a zstd frame", err);
	reader->ended = kind == FRAME_SEEK_TABLE;
	return 0;
}

/* An ordinary .tar.zst mostly differs from ours in its first header. */
static int
refused(
    const struct frame *frame, const struct frame_split *split, struct err *err)
{
	bool in_header = split->at != FRAME_SPLIT_BLOCK;

	(void)at_frame(frame, err);
	if (frame->number == 0 && in_header)
		return err_within(err, "not a litesafe archive, or damaged");
	return -1;
}

/* Reads the rest of a frame behind its magic number. */
static int
read_blocks(struct frame_reader *reader, struct slot *slot, struct err *err)
{
	struct frame_split split;
	size_t len = FRAME_MAGIC_BYTES, got = 0;

	frame_split_begin(&split);
	while (!split.done) {
		size_t want = split.need - len;

		if (stored_take(&reader->input, slot->stored + len, want, &got,
			err) < 0)
			return -1;
		if (got < want)
			return cut_off(reader, &slot->frame, err);
		len = split.need;
		if (frame_split_step(&split, slot->stored, err) < 0)
			return refused(&slot->frame, &split, err);
	}
	slot->stored_len = len;
	slot->frame.len = split.content;
	slot->frame.plain = plain_frame_is(slot->stored, len, split.content);
	return 0;
}

/* Reads one frame and submits it; or the beginning of the seek table. */
static int
read_frame(struct frame_reader *reader, struct err *err)
{
	struct slot *slot = slot_of(reader, reader->read);
	size_t got = 0;

	pool_wait(reader->pool, &slot->frame.task);
	slot->frame.number = reader->read;
	slot->frame.stored_offset = reader->input.offset;
	slot->frame.raw_offset = reader->raw;
	if (stored_take(&reader->input, slot->stored, FRAME_MAGIC_BYTES, &got,
		err) < 0 ||
	    begin_frame(reader, slot, got, err) < 0)
		return -1;
	if (reader->ended)
		return 0;

	if (read_blocks(reader, slot, err) < 0)
		return -1;
	const struct seek_entry entry = {
		.stored = (uint32_t)slot->stored_len,
		.raw = (uint32_t)slot->frame.len,
	};
	if (seek_table_add(reader->table, entry, err) < 0)
		return -1;
	reader->raw += slot->frame.len;
	reader->read++;
	pool_submit(reader->pool, &slot->decode);
	return 0;
}

static void
read_ahead(struct frame_reader *reader)
{
	while (!reader->ended &&
	       reader->read - reader->delivered < reader->ahead) {
		if (read_frame(reader, &reader->failure) < 0)
			reader->ended = true;
	}
}

/* The caller has done with the frame that was delivered last. */
static void
sum_held(struct frame_reader *reader)
{
	if (!reader->held)
		return;
	const struct slot *slot = slot_of(reader, reader->delivered - 1);
	sha256_add(reader->sha256, slot->stored, slot->stored_len);
	reader->held = false;
}

/* The next frame in order, which was read, once it is decoded. */
static int
deliver(struct frame_reader *reader, struct frame **ret_frame, struct err *err)
{
	struct slot *slot = slot_of(reader, reader->delivered);

	pool_wait(reader->pool, &slot->decode);
	if (ZSTD_isError(slot->decoded)) {
		(void)err_set(err, ERR_DAMAGED, 0, "it cannot be decoded: %s",
		    ZSTD_getErrorName(slot->decoded));
		return at_frame(&slot->frame, err);
	}
	if (slot->decoded != slot->frame.len) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "it states %zu bytes of content and holds %zu",
		    slot->frame.len, slot->decoded);
		return at_frame(&slot->frame, err);
	}
	reader->delivered++;
	reader->held = true;
	*ret_frame = &slot->frame;
	return 0;
}

int
frame_reader_next(
    struct frame_reader *reader, struct frame **ret_frame, struct err *err)
{
	*ret_frame = NULL;
	if (work_check(reader->options.work, err) < 0)
		return -1;
	sum_held(reader);
	read_ahead(reader);
	if (reader->delivered < reader->read)
		return deliver(reader, ret_frame, err);
	if (reader->failure.kind != ERR_NONE) {
		*err = reader->failure;
		return -1;
	}
	if (!reader->finished &&
	    stored_finish(&reader->input, reader->table, FRAME_MAGIC_BYTES,
		reader->sha256, err) < 0)
		return -1;
	reader->finished = true;
	return 0;
}

uint64_t
frame_reader_stored(const struct frame_reader *reader)
{
	return reader->input.offset;
}

struct pool *
frame_reader_pool(struct frame_reader *reader)
{
	return reader->pool;
}

void
frame_reader_settle(struct frame_reader *reader)
{
	for (unsigned i = 0; i < reader->slot_count; i++)
		pool_wait(reader->pool, &reader->slot[i].frame.task);
}

void
frame_reader_stored_sha256(
    const struct frame_reader *reader, uint8_t ret_digest[SHA256_BYTES])
{
	assert(reader->held || reader->finished);
	sha256_peek(reader->sha256, ret_digest);
}
