/*
 * A frame is a header, blocks that each state their size, and a checksum; so
 * its end is found by hopping from block to block, about eight hops for a full
 * frame, and the decoding is left to other threads.
 *
 * The header is decoded here and not by ZSTD_getFrameHeader(): that function is
 * outside zstd's stable interface, and it passes over the unused bit of the
 * descriptor, which would be a bit of the archive that may change unnoticed.
 */
#include "archive/frame_split.h"

#include <assert.h>

#include <zstd.h>

#include "archive/layout.h"
#include "base/bytes.h"

/* RFC 8878, 3.1.1 and 3.1.2; the seek table's is one of 16 skippable ones. */
static const uint32_t zstd_magic = 0xfd2fb528;
static const uint32_t seek_table_magic = 0x184d2a5e;

enum {
	DESCRIPTOR_AT = FRAME_MAGIC_BYTES,
	FIELDS_AT = DESCRIPTOR_AT + 1,
	BLOCK_HEADER = 3,
	CHECKSUM = 4,
	WINDOW_LOG_MIN = 10,
};

/* What the descriptor byte says (RFC 8878, 3.1.1.1.1). */
struct descriptor {
	size_t window_bytes; /* length of the window field: 0 or 1 */
	size_t content_bytes; /* length of the content size: 0 1 2 4 8 */
};

enum frame_kind
frame_kind(const uint8_t magic[FRAME_MAGIC_BYTES])
{
	uint32_t number = get_le32(magic);

	if (number == zstd_magic)
		return FRAME_ZSTD;
	return number == seek_table_magic ? FRAME_SEEK_TABLE : FRAME_OTHER;
}

size_t
frame_stored_max(void)
{
	return ZSTD_compressBound(FRAME_RAW_MAX);
}

void
frame_split_begin(struct frame_split *split)
{
	*split = (struct frame_split){ .need = FIELDS_AT };
}

static int
refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_DAMAGED, 0, "%s", why);
}

static struct descriptor
decode_descriptor(uint8_t byte)
{
	static const size_t content_bytes[] = { 0, 2, 4, 8 };
	bool single_segment = byte >> 5 & 1;
	unsigned flag = byte >> 6;

	return (struct descriptor){
		.window_bytes = single_segment ? 0 : 1,
		.content_bytes =
		    flag == 0 && single_segment ? 1 : content_bytes[flag],
	};
}

/* The magic number and the descriptor are there. */
static int
step_start(struct frame_split *split, const uint8_t *frame, struct err *err)
{
	uint8_t byte = frame[DESCRIPTOR_AT];
	const struct descriptor descriptor = decode_descriptor(byte);

	if (frame_kind(frame) != FRAME_ZSTD)
		return refuse(err, "no zstd frame begins here");
	if ((byte & 0x18) != 0)
		return refuse(err, "a reserved bit of its header is set");
	if ((byte & 0x03) != 0)
		return refuse(err, "it needs a dictionary");
	if (descriptor.content_bytes == 0)
		return refuse(err, "it does not state its content size");
	if ((byte & 0x04) == 0)
		return refuse(err, "it has no checksum");
	split->need =
	    FIELDS_AT + descriptor.window_bytes + descriptor.content_bytes;
	split->at = FRAME_SPLIT_FIELDS;
	return 0;
}

static int
check_window(uint8_t field, struct err *err)
{
	unsigned exponent = field >> 3, mantissa = field & 7;
	uint64_t base = (uint64_t)1 << (WINDOW_LOG_MIN + exponent);
	uint64_t window = base + base / 8 * mantissa;
	const uint64_t most = (uint64_t)1 << WINDOW_LOG_MAX;

	if (window > most)
		return err_set(err, ERR_DAMAGED, 0,
		    "its window is %llu bytes, more than the limit of %llu",
		    (unsigned long long)window, (unsigned long long)most);
	return 0;
}

static uint64_t
get_content_size(const uint8_t *field, size_t bytes)
{
	switch (bytes) {
	case 1:
		return field[0];
	case 2:
		/* One byte has the values below. */
		return (uint64_t)(field[0] | field[1] << 8) + 256;
	case 4:
		return get_le32(field);
	default:
		return get_le64(field);
	}
}

/* The window and the content size are there. */
static int
step_fields(struct frame_split *split, const uint8_t *frame, struct err *err)
{
	const struct descriptor descriptor =
	    decode_descriptor(frame[DESCRIPTOR_AT]);
	const uint8_t *field = frame + FIELDS_AT;

	if (descriptor.window_bytes > 0 && check_window(*field, err) < 0)
		return -1;
	uint64_t content = get_content_size(
	    field + descriptor.window_bytes, descriptor.content_bytes);
	if (content == 0 || content > FRAME_RAW_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "its content size is %llu bytes, and it must be from 1 to "
		    "%d",
		    (unsigned long long)content, FRAME_RAW_MAX);
	split->content = (size_t)content;
	split->need += BLOCK_HEADER;
	split->at = FRAME_SPLIT_BLOCK;
	return 0;
}

/*
 * The last three bytes are a block header (RFC 8878, 3.1.1.2): is it the last
 * block, its type, its size.  What follows it is its content, and then the
 * next header or the checksum.
 */
static int
step_block(struct frame_split *split, const uint8_t *frame, struct err *err)
{
	enum { RAW, RLE, COMPRESSED, RESERVED };
	const size_t most = 1 << 17; /* Block_Maximum_Size */
	uint32_t header = get_le24(frame + split->need - BLOCK_HEADER);
	bool last = header & 1;
	unsigned type = header >> 1 & 3;
	size_t size = header >> 3;

	if (type == RESERVED)
		return refuse(err, "a block in it has the reserved type");
	if (size > most)
		return refuse(err, "a block in it is larger than 128 KiB");
	/* The size of a repeated byte is how often, not how much is stored. */
	split->need += type == RLE ? 1 : size;
	split->need += last ? CHECKSUM : BLOCK_HEADER;
	if (split->need > frame_stored_max())
		return refuse(err, "it is longer than any frame may be");
	split->at = last ? FRAME_SPLIT_END : FRAME_SPLIT_BLOCK;
	return 0;
}

int
frame_split_step(
    struct frame_split *split, const uint8_t *frame, struct err *err)
{
	assert(!split->done);
	switch (split->at) {
	case FRAME_SPLIT_START:
		return step_start(split, frame, err);
	case FRAME_SPLIT_FIELDS:
		return step_fields(split, frame, err);
	case FRAME_SPLIT_BLOCK:
		return step_block(split, frame, err);
	case FRAME_SPLIT_END:
		/* The checksum is there; whether it is right is zstd's. */
		split->done = true;
		break;
	}
	return 0;
}
