#include "tests/support/forge/frame.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

enum { block_max = 1 << 17 };

static void
store(struct frames *frames, const uint8_t *stored, size_t len, size_t raw)
{
	bytes_add(&frames->out, stored, len);
	bytes_add_le32(&frames->table, (uint32_t)len);
	bytes_add_le32(&frames->table, (uint32_t)raw);
}

void
frame_store(struct frames *frames, const struct bytes *raw,
    const struct frame_fault *fault)
{
	size_t most = ZSTD_compressBound(raw->len) + 64;
	uint8_t *stored = malloc(most);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (stored == NULL || zstd == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, !fault->bare);
	size_t len = ZSTD_compress2(zstd, stored, most, raw->at, raw->len);
	if (ZSTD_isError(len))
		die(ZSTD_getErrorName(len));
	/* RFC 8878, 3.1.1.1: the descriptor says which fields follow. */
	if (fault->window > 0) {
		stored[4] &= (uint8_t)~0x20; /* no single segment ... */
		memmove(stored + 6, stored + 5, len - 5);
		stored[5] = (uint8_t)((fault->window - 10) << 3);
		len++;
	}
	if (fault->dictionary) {
		stored[4] |= 1; /* one byte of a dictionary's number */
		memmove(stored + 6, stored + 5, len - 5);
		stored[5] = 77;
		len++;
	}
	store(frames, stored, len, raw->len);
	(void)ZSTD_freeCCtx(zstd);
	free(stored);
}

/*
 * A frame of raw blocks, as the last one must be (RFC 8878, 3.1.1).  The
 * checksum is that of any other frame of the same content.
 */
void
frame_store_plain(struct frames *frames, const struct bytes *raw)
{
	size_t most = ZSTD_compressBound(raw->len);
	struct bytes frame = { NULL, 0 };
	uint8_t *other = malloc(most);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (other == NULL || zstd == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size_t len = ZSTD_compress2(zstd, other, most, raw->at, raw->len);
	if (ZSTD_isError(len))
		die(ZSTD_getErrorName(len));
	bytes_add(&frame, "\x28\xb5\x2f\xfd\xa4", 5);
	bytes_add_le32(&frame, (uint32_t)raw->len);
	for (size_t at = 0, size; at < raw->len; at += size) {
		size_t left = raw->len - at;

		size = left < block_max ? left : block_max;
		bytes_add_le32(&frame, (uint32_t)(size << 3 | (size == left)));
		frame.len--; /* three bytes of it */
		bytes_add(&frame, raw->at + at, size);
	}
	bytes_add(&frame, other + len - 4, 4);
	store(frames, frame.at, frame.len, raw->len);
	(void)ZSTD_freeCCtx(zstd);
	free(frame.at);
	free(other);
}

/* One frame of zeros, made without having them all at once. */
void
frame_store_bomb(struct frames *frames, uint64_t count, bool liar)
{
	static const uint8_t zeros[1 << 20];
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t most = ZSTD_CStreamOutSize(), before = frames->out.len, left;
	uint8_t *piece = malloc(most);

	if (zstd == NULL || piece == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, 20);
	(void)ZSTD_CCtx_setPledgedSrcSize(zstd, count);
	uint64_t rest = count;
	do {
		size_t len = rest < sizeof(zeros) ? rest : sizeof(zeros);
		ZSTD_inBuffer in = { zeros, len, 0 };

		rest -= len;
		do {
			ZSTD_outBuffer to = { piece, most, 0 };
			left = ZSTD_compressStream2(zstd, &to, &in,
			    rest == 0 ? ZSTD_e_end : ZSTD_e_continue);
			if (ZSTD_isError(left))
				die(ZSTD_getErrorName(left));
			bytes_add(&frames->out, piece, to.pos);
		} while (in.pos < in.size || (rest == 0 && left > 0));
	} while (rest > 0);

	uint32_t raw = (uint32_t)count;
	if (liar) {
		/* The content size: 4 or 8 bytes behind the window's. */
		raw = 1000;
		memset(
		    frames->out.at + before + 6, 0, 4u << (count >> 32 != 0));
		frames->out.at[before + 6] = (uint8_t)raw;
		frames->out.at[before + 7] = (uint8_t)(raw >> 8);
	}
	bytes_add_le32(&frames->table, (uint32_t)(frames->out.len - before));
	bytes_add_le32(&frames->table, raw);
	(void)ZSTD_freeCCtx(zstd);
	free(piece);
}

void
frame_store_table(struct frames *frames, const struct table_lie *lie)
{
	struct bytes *out = &frames->out, *table = &frames->table;
	uint32_t count = (uint32_t)table->len / 8;

	if (lie->entry >= 0 && (size_t)lie->entry < count)
		for (int i = 0; i < 4; i++)
			table->at[8 * lie->entry + i] =
			    (uint8_t)(lie->entry_bytes >> 8 * i);
	bytes_add_le32(out, 0x184d2a5e);
	bytes_add_le32(out, (uint32_t)table->len + 9);
	bytes_add(out, table->at, table->len);
	bytes_add_le32(out, lie->frames >= 0 ? (uint32_t)lie->frames : count);
	bytes_add(out, "", 1);
	bytes_add_le32(out, 0x8f92eab1);
}
