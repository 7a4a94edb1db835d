/*
 * The one form in which an archive's last frame is stored: raw.
 *
 * No sum covers that frame but its own checksum, which is of the content.  A
 * compressed block has bits that no decoder looks at; a plain frame has none,
 * and for one content and checksum there is exactly one:
 *
 *     magic number            28 b5 2f fd
 *     descriptor              a4: one segment, size in 4 bytes, checksum
 *     content size            4 bytes
 *     raw blocks              each of PLAIN_BLOCK_MAX bytes, the last of the
 *                             rest, which is not empty
 *     checksum                4 bytes
 *
 * It is a frame like any other for every decoder (RFC 8878).
 */
#ifndef ARCHIVE_PLAIN_FRAME_H
#define ARCHIVE_PLAIN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_CHECKSUM_BYTES = 4,
	/* The most that zstd allows a block to hold. */
	PLAIN_BLOCK_MAX = 1 << 17,
};

/* Bytes of the plain frame of so much content, 1 to FRAME_RAW_MAX. */
size_t plain_frame_size(size_t content);

/*
 * Fills all of ret_frame, plain_frame_size(len) bytes.  The checksum is the
 * last bytes of any other zstd frame of the same content.
 */
void plain_frame_encode(const uint8_t *content, size_t len,
    const uint8_t checksum[FRAME_CHECKSUM_BYTES], uint8_t *ret_frame);

/*
 * Whether these bytes are the plain frame of so much content, 1 to
 * FRAME_RAW_MAX.  Its checksum is the decoder's to check.
 */
bool plain_frame_is(const uint8_t *frame, size_t len, size_t content);

#endif
