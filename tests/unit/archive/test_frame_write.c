/* Frames come out whole, in order and proven, or not at all. */
#include "archive/frame_write.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "archive/layout.h"
#include "archive/plain_frame.h"
#include "base/bytes.h"
#include "base/file.h"

enum { FRAMES = 23, PAGES = 40 };

struct sums {
	uint8_t bytes[1 << 20];
	size_t count;
	size_t fail_at; /* 0: never */
};

static int
keep(void *ctx, const uint8_t *sums, size_t count, struct err *err)
{
	struct sums *kept = ctx;

	if (kept->fail_at != 0 && kept->count >= kept->fail_at)
		return err_set(err, ERR_NO_SPACE, 42, "told to");
	memcpy(kept->bytes + kept->count * PAGE_SUM_BYTES, sums,
	    count * PAGE_SUM_BYTES);
	kept->count += count;
	return 0;
}

static int
scratch(void)
{
	struct err err = { 0 };
	int fd = -1;

	cr_assert_eq(file_scratch("/tmp", &fd, &err), 0, "%s", err.text);
	return fd;
}

static struct frame_writer *
new_writer(int fd, unsigned threads, struct sums *sums, const struct work *work)
{
	const struct frame_write_options options = {
		.fd = fd,
		.name = "test.tar.zst",
		.scratch = "/tmp",
		.level = 3,
		.threads = threads,
		.work = work,
		.sums = sums == NULL ? NULL : keep,
		.sums_ctx = sums,
	};
	struct frame_writer *writer = NULL;
	struct err err = { 0 };

	cr_assert_eq(
	    frame_writer_new(&options, &writer, &err), 0, "%s", err.text);
	return writer;
}

/* Frames of very different sizes, so that workers overtake each other. */
static size_t
frame_size(unsigned number)
{
	return number % 3 == 0 ? FRAME_RAW_MAX : 1 + number * 977;
}

/* Few, so that their slots come to hold other frames as well. */
static bool
is_plain(unsigned number)
{
	return number == 3 || number == 7 || number == FRAMES - 1;
}

static void
fill(uint8_t *bytes, size_t len, unsigned number)
{
	unsigned seed = number;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(rand_r(&seed) % 7 + (int)number);
}

static uint8_t *
contents(int fd, size_t *ret_len)
{
	struct stat st;
	struct err err = { 0 };

	cr_assert_eq(fstat(fd, &st), 0);
	uint8_t *bytes = malloc((size_t)st.st_size + 1);
	cr_assert_eq(file_read_at(fd, bytes, (size_t)st.st_size, 0, "test",
			 ret_len, &err),
	    0);
	return bytes;
}

static void
sum(const void *bytes, size_t len, uint8_t digest[SHA256_BYTES])
{
	struct sha256 *stream = NULL;
	struct err err = { 0 };

	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_add(stream, bytes, len);
	sha256_finish(stream, digest);
	sha256_free(stream);
}

/* Checks the frame at `at`; its length in the file. */
static size_t
check_frame(const uint8_t *at, size_t left, unsigned number)
{
	static uint8_t raw[FRAME_RAW_MAX], expected[FRAME_RAW_MAX];
	size_t len = ZSTD_findFrameCompressedSize(at, left);

	cr_assert(!ZSTD_isError(len), "frame %u", number);
	cr_expect_eq(ZSTD_getFrameContentSize(at, left), frame_size(number));
	cr_expect((at[4] & 4) != 0, "frame %u has no checksum", number);
	cr_expect_eq(plain_frame_is(at, len, frame_size(number)),
	    is_plain(number), "frame %u", number);
	cr_assert_eq(
	    ZSTD_decompress(raw, sizeof(raw), at, len), frame_size(number));
	fill(expected, frame_size(number), number);
	cr_expect_eq(memcmp(raw, expected, frame_size(number)), 0);
	return len;
}

static void
round_trip(unsigned threads)
{
	static uint8_t bytes[FRAME_RAW_MAX];
	int fd = scratch();
	struct frame_writer *writer = new_writer(fd, threads, NULL, NULL);
	struct err err = { 0 };
	uint64_t raw = 0;

	for (unsigned i = 0; i < FRAMES; i++) {
		size_t size = frame_size(i), half = size / 2;

		fill(bytes, size, i);
		cr_assert_eq(frame_writer_add(writer, bytes, half, &err), 0);
		cr_assert_eq(
		    frame_writer_add(writer, bytes + half, size - half, &err),
		    0);
		if (is_plain(i))
			frame_writer_cut_plain(writer);
		else
			frame_writer_cut(writer);
		frame_writer_cut(writer); /* nothing is open: no frame */
		frame_writer_cut_plain(writer);
		raw += size;
		cr_expect_eq(frame_writer_raw(writer), raw);
	}
	cr_assert_eq(frame_writer_drain(writer, &err), 0, "%s", err.text);
	uint64_t stored = frame_writer_stored(writer);
	uint8_t digest[SHA256_BYTES], expected[SHA256_BYTES];
	frame_writer_stored_sha256(writer, digest);
	cr_assert_eq(frame_writer_finish(writer, &err), 0, "%s", err.text);

	size_t len = 0, at = 0;
	uint8_t *file = contents(fd, &len);
	const uint8_t *entry = file + stored + SEEK_TABLE_HEADER;
	cr_expect_eq(frame_writer_stored(writer), len);
	sum(file, stored, expected);
	cr_expect_eq(memcmp(digest, expected, SHA256_BYTES), 0);
	for (unsigned i = 0; i < FRAMES; i++, entry += SEEK_TABLE_ENTRY) {
		size_t one = check_frame(file + at, len - at, i);

		cr_expect_eq(seek_table_decode_entry(entry).stored, one);
		cr_expect_eq(seek_table_decode_entry(entry).raw, frame_size(i));
		at += one;
	}
	cr_expect_eq(at, stored);
	cr_expect_eq(len - at,
	    SEEK_TABLE_HEADER + FRAMES * SEEK_TABLE_ENTRY + SEEK_TABLE_FOOTER);
	frame_writer_free(writer);
	free(file);
	close(fd);
}

Test(frame_write, frames_are_whole_and_in_order)
{
	round_trip(1);
	round_trip(3);
}

Test(frame_write, sums_of_pages_come_in_page_order)
{
	static struct sums sums;
	static uint8_t page[1024];
	uint8_t digest[SHA256_BYTES];
	int fd = scratch();
	struct frame_writer *writer = new_writer(fd, 2, &sums, NULL);
	struct err err = { 0 };

	for (unsigned i = 0; i < PAGES; i++) {
		/* What comes before the pages of a frame is not summed. */
		if (i % 7 == 0)
			cr_assert_eq(
			    frame_writer_add(writer, "head", 4, &err), 0);
		fill(page, sizeof(page), i);
		cr_assert_eq(
		    frame_writer_add_page(writer, page, sizeof(page), &err), 0);
		if (i % 7 == 6)
			frame_writer_cut(writer);
	}
	cr_assert_eq(frame_writer_drain(writer, &err), 0, "%s", err.text);
	cr_assert_eq(sums.count, PAGES);
	for (unsigned i = 0; i < PAGES; i++) {
		fill(page, sizeof(page), i);
		sum(page, sizeof(page), digest);
		cr_expect_eq(memcmp(digest, sums.bytes + i * PAGE_SUM_BYTES,
				 PAGE_SUM_BYTES),
		    0, "page %u", i);
	}
	/* A frame without pages in a slot that had some gives no sums. */
	for (unsigned i = 0; i < 20; i++) {
		cr_assert_eq(frame_writer_add(writer, page, 100, &err), 0);
		frame_writer_cut(writer);
	}
	cr_assert_eq(frame_writer_finish(writer, &err), 0);
	cr_expect_eq(sums.count, PAGES);
	frame_writer_free(writer);
	close(fd);
}

/* Adds frames until it fails, and frees with frames under way. */
static void
fails(struct frame_writer *writer, struct err *err)
{
	static uint8_t page[PAGE_SIZE_MAX];
	int rc = 0;

	for (unsigned i = 0; i < 100 && rc == 0; i++) {
		fill(page, sizeof(page), i);
		rc = frame_writer_add_page(writer, page, sizeof(page), err);
		frame_writer_cut(writer);
	}
	cr_expect_eq(rc, -1);
	frame_writer_free(writer);
}

Test(frame_write, a_full_disk_is_told)
{
	static struct sums sums;
	struct err err = { 0 };
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	fails(new_writer(fd, 2, &sums, NULL), &err);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect(strstr(err.text, "test.tar.zst") != NULL, "%s", err.text);
	close(fd);
}

Test(frame_write, an_error_of_the_one_who_keeps_sums_is_handed_on)
{
	static struct sums sums = { .fail_at = 5 };
	struct err err = { 0 };
	int fd = scratch();

	fails(new_writer(fd, 2, &sums, NULL), &err);
	cr_expect_eq(err.code, 42);
	cr_expect_eq(sums.count, 5);
	close(fd);
}

Test(frame_write, a_signal_stops_it)
{
	static struct sums sums;
	struct work work = { .stop = 15 };
	struct err err = { 0 };
	int fd = scratch();

	fails(new_writer(fd, 2, &sums, &work), &err);
	cr_expect_eq(err.kind, ERR_STOPPED);
	close(fd);
}

Test(frame_write, it_can_be_abandoned_at_any_time)
{
	static uint8_t bytes[FRAME_RAW_MAX];
	struct err err = { 0 };

	for (unsigned frames = 0; frames < 8; frames++) {
		int fd = scratch();
		struct frame_writer *writer = new_writer(fd, 2, NULL, NULL);

		for (unsigned i = 0; i < frames; i++) {
			cr_assert_eq(frame_writer_add(
					 writer, bytes, sizeof(bytes), &err),
			    0);
			if (i + 1 < frames)
				frame_writer_cut(writer);
		}
		frame_writer_free(writer);
		close(fd);
	}
	frame_writer_free(NULL);
}

Test(frame_write, a_missing_folder_is_named)
{
	const struct frame_write_options options = {
		.fd = -1,
		.name = "x",
		.scratch = "/nonexistent/x",
		.level = 3,
		.threads = 1,
	};
	struct frame_writer *writer = NULL;
	struct err err = { 0 };

	cr_expect_eq(frame_writer_new(&options, &writer, &err), -1);
	cr_expect(strstr(err.text, "/nonexistent/x") != NULL, "%s", err.text);
	cr_expect(writer == NULL);
}
