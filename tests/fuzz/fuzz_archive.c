/*
 * archive_read(), archive_peek() and sums_apply().  The first byte of an input chooses:
 *
 *   0	the rest is an archive as it stands;
 *   1	the rest is a tar stream, in pieces that each begin with their length in
 *	two bytes; they are made into good frames with a good seek table, so that
 *	what lies behind checksums is reached;
 *   2	two bytes, then as 1: what must be an increment of an image of ten pages of
 *	512 bytes; so many of them stored, and the sums at so many blocks.
 *
 * An archive that is read well, without findings, must also be peeked well.
 */
#include "archive/archive_read.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zstd.h>

#include "archive/plain_frame.h"
#include "archive/sums.h"
#include "base/auto.h"
#include "base/bytes.h"

enum { PIECES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put(int fd, const void *bytes, size_t len)
{
	if (write(fd, bytes, len) != (ssize_t)len)
		abort();
}

/* One frame, the last one plain; its entry of the seek table. */
static void
put_frame(int fd, const uint8_t *raw, size_t len, bool last, uint8_t entry[8])
{
	size_t most = ZSTD_compressBound(len) + plain_frame_size(len);
	AUTO(free) uint8_t *stored = malloc(most);
	uint8_t checksum[FRAME_CHECKSUM_BYTES];
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1);
	size_t stored_len = ZSTD_compress2(zstd, stored, most, raw, len);
	ZSTD_freeCCtx(zstd);
	if (ZSTD_isError(stored_len))
		abort();
	if (last) {
		memcpy(checksum, stored + stored_len - sizeof(checksum),
		    sizeof(checksum));
		plain_frame_encode(raw, len, checksum, stored);
		stored_len = plain_frame_size(len);
	}
	put(fd, stored, stored_len);
	put_le32(entry, (uint32_t)stored_len);
	put_le32(entry + 4, (uint32_t)len);
}

static void
put_pieces(int fd, const uint8_t *data, size_t size)
{
	uint8_t entries[PIECES_MAX * 8], header[8], footer[9] = { 0 };
	uint32_t count = 0;

	while (size > 2 && count < PIECES_MAX) {
		size_t len = (size_t)(data[0] | data[1] << 8);

		data += 2;
		size -= 2;
		if (len == 0 || len > size)
			len = size;
		size -= len;
		bool last = size <= 2 || count + 1 == PIECES_MAX;
		put_frame(fd, data, len, last, entries + (size_t)count * 8);
		data += len;
		count++;
	}
	put_le32(header, 0x184d2a5e);
	put_le32(header + 4, count * 8 + 9);
	put_le32(footer, count);
	put_le32(footer + 5, 0x8f92eab1);
	put(fd, header, sizeof(header));
	put(fd, entries, (size_t)count * 8);
	put(fd, footer, sizeof(footer));
}

static int
place(void *ctx, const struct page_batch *batch, struct err *err)
{
	/* Every byte must be there to be read. */
	uint8_t sum = 0;

	(void)ctx;
	(void)err;
	for (size_t i = 0; i < batch->count * batch->page_size; i++)
		sum ^= batch->pages[i];
	return batch->numbers[0] > 0 && sum <= UINT8_MAX ? 0 : -1;
}

static void
read_both_ways(int fd)
{
	struct archive_contents contents;
	struct manifest manifest;
	struct err err = { 0 }, peek_err = { 0 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = "fuzz",
		.scratch = "/tmp",
		.threads = 1,
		.image_sha256 = true,
		.place = place,
	};

	int rc = archive_read(&options, &contents, &err);
	int peek_rc = archive_peek(fd, "fuzz", &manifest, &peek_err);
	if ((rc < 0 && err.kind != ERR_DAMAGED && err.kind != ERR_FAILED) ||
	    (rc == 0 && peek_rc < 0))
		abort();
}

static void
read_expected(int fd, const struct manifest *manifest)
{
	AUTO(fd) int sums_fd = memfd_create("sums", MFD_CLOEXEC);
	struct archive_contents contents;
	struct err err = { 0 }, sums_err = { 0 };
	struct sums sums = { .fd = sums_fd, .name = "sums", .page_size = 512 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = "fuzz",
		.scratch = "/tmp",
		.threads = 1,
		.manifest = manifest,
		.place = place,
	};

	/* No manifest is the expected one, which cannot even be encoded. */
	if (sums_fd < 0 || archive_read(&options, &contents, &err) == 0 ||
	    (err.kind != ERR_DAMAGED && err.kind != ERR_FAILED))
		abort();
	if (sums_apply(&sums, fd, "fuzz", manifest, 0, &sums_err) < 0 &&
	    sums_err.kind != ERR_DAMAGED)
		abort();
}

static void
read_increment(int fd, uint8_t pages_stored, uint8_t sums_block)
{
	const struct manifest manifest = {
		.kind = MANIFEST_INCREMENT,
		.database = {
			.name = "app.db",
			.page_size = 512,
			.page_count = 10,
			.pages_stored = pages_stored % 11,
			.sums_offset = 512 * (uint64_t)(sums_block + 1),
		},
	};

	read_expected(fd, &manifest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t head = size > 0 && data[0] == 2 ? 3 : 1;

	if (size < head || data[0] > 2)
		return -1;
	AUTO(fd) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	if (data[0] == 0)
		put(fd, data + 1, size - 1);
	else
		put_pieces(fd, data + head, size - head);
	if (lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (data[0] == 2)
		read_increment(fd, data[1], data[2]);
	else
		read_both_ways(fd);
	return 0;
}
