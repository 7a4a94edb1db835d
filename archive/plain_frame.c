/*
 * Everything but content and checksum follows from the size of the content.
 * So there is one walk over the blocks, which the writer makes to fill a frame
 * and the reader to compare one: what either knows of the form is the same.
 */
#include "archive/plain_frame.h"

#include <assert.h>
#include <string.h>

#include "archive/layout.h"
#include "base/bytes.h"

enum { HEADER = 9, BLOCK_HEADER = 3 };

/* RFC 8878, 3.1.1.1, and the content size. */
static void
put_header(uint8_t header[HEADER], size_t content)
{
	static const uint8_t start[] = { 0x28, 0xb5, 0x2f, 0xfd, 0xa4 };

	memcpy(header, start, sizeof(start));
	put_le32(header + sizeof(start), (uint32_t)content);
}

/*
 * RFC 8878, 3.1.1.2: a bit that says whether it is the last, two bits of type
 * (raw is 0), the size.  `left` is the content from this block on; returns how
 * much of it is in the block.
 */
static size_t
put_block_header(uint8_t header[BLOCK_HEADER], size_t left)
{
	size_t size = left < PLAIN_BLOCK_MAX ? left : PLAIN_BLOCK_MAX;
	uint32_t bits = (uint32_t)size << 3 | (size == left);

	header[0] = (uint8_t)bits;
	header[1] = (uint8_t)(bits >> 8);
	header[2] = (uint8_t)(bits >> 16);
	return size;
}

size_t
plain_frame_size(size_t content)
{
	size_t blocks = (content + PLAIN_BLOCK_MAX - 1) / PLAIN_BLOCK_MAX;

	assert(content > 0 && content <= FRAME_RAW_MAX);
	return HEADER + blocks * BLOCK_HEADER + content + FRAME_CHECKSUM_BYTES;
}

void
plain_frame_encode(const uint8_t *content, size_t len,
    const uint8_t checksum[FRAME_CHECKSUM_BYTES], uint8_t *ret_frame)
{
	uint8_t *at = ret_frame + HEADER;

	put_header(ret_frame, len);
	for (size_t left = len, size; left > 0; left -= size) {
		size = put_block_header(at, left);
		at += BLOCK_HEADER;
		memcpy(at, content + len - left, size);
		at += size;
	}
	memcpy(at, checksum, FRAME_CHECKSUM_BYTES);
	assert(at + FRAME_CHECKSUM_BYTES == ret_frame + plain_frame_size(len));
}

bool
plain_frame_is(const uint8_t *frame, size_t len, size_t content)
{
	uint8_t header[HEADER];
	const uint8_t *at = frame + HEADER;

	/* From here on all that is looked at is there. */
	if (len != plain_frame_size(content))
		return false;
	put_header(header, content);
	if (memcmp(frame, header, HEADER) != 0)
		return false;
	for (size_t left = content, size; left > 0; left -= size) {
		size = put_block_header(header, left);
		if (memcmp(at, header, BLOCK_HEADER) != 0)
			return false;
		at += BLOCK_HEADER + size;
	}
	return true;
}
