#include "archive/frame_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "tests/unit/archive/crafted.h"

enum { FRAMES = 40, RAW = 3000 };

static uint8_t
raw_byte(uint64_t frame, size_t i)
{
	return (uint8_t)(frame * 7 + i * i % 251);
}

/* FRAMES frames of RAW bytes and a table. */
static struct crafted
craft_frames(void)
{
	struct crafted crafted = { 0 };
	uint8_t raw[RAW];

	for (uint64_t n = 0; n < FRAMES; n++) {
		for (size_t i = 0; i < RAW; i++)
			raw[i] = raw_byte(n, i);
		craft_add(&crafted, raw, RAW);
		craft_cut(&crafted);
	}
	craft_table(&crafted);
	return crafted;
}

static struct frame_reader *
open_reader(int fd, unsigned threads)
{
	const struct frame_read_options options = {
		.fd = fd,
		.name = "x.zst",
		.scratch = "/tmp",
		.threads = threads,
	};
	struct frame_reader *reader = NULL;
	struct err err = { 0 };

	cr_assert_eq(
	    frame_reader_new(&options, &reader, &err), 0, "%s", err.text);
	return reader;
}

/* Frames delivered before the end or the error; *ret_err tells which. */
static uint64_t
read_all(const uint8_t *file, size_t len, unsigned threads, struct err *ret_err)
{
	int fd = craft_file(file, len);
	AUTO(frame_reader)
	struct frame_reader *reader = open_reader(fd, threads);
	struct frame *frame = NULL;
	uint64_t count = 0;

	*ret_err = (struct err){ 0 };
	while (
	    frame_reader_next(reader, &frame, ret_err) == 0 && frame != NULL) {
		cr_expect_eq(frame->number, count);
		count++;
	}
	(void)close(fd);
	return count;
}

static void
expect_end(const uint8_t *file, size_t len, uint64_t frames, const char *words)
{
	/* The same story, however far ahead is read. */
	for (unsigned threads = 1; threads <= 4; threads += 3) {
		struct err err;

		cr_expect_eq(read_all(file, len, threads, &err), frames);
		cr_expect_eq(err.kind, ERR_DAMAGED);
		cr_expect_not_null(strstr(err.text, words),
		    "'%s' is not in: %s", words, err.text);
	}
}

Test(frame_read, delivers_frames_in_order)
{
	struct crafted crafted = craft_frames();
	int fd = craft_file(crafted.file.at, crafted.file.len);

	for (unsigned threads = 1; threads <= 4; threads++) {
		struct frame_reader *reader = open_reader(fd, threads);
		struct frame *frame = NULL;
		struct err err = { 0 };

		for (uint64_t n = 0; n < FRAMES; n++) {
			cr_assert_eq(frame_reader_next(reader, &frame, &err), 0,
			    "%s", err.text);
			cr_assert_not_null(frame);
			cr_expect_eq(frame->number, n);
			cr_expect_eq(frame->raw_offset, n * RAW);
			cr_assert_eq(frame->len, RAW);
			for (size_t i = 0; i < RAW; i++)
				cr_assert_eq(frame->bytes[i], raw_byte(n, i));
		}
		/* The end, as often as one asks. */
		for (unsigned i = 0; i < 2; i++) {
			cr_assert_eq(
			    frame_reader_next(reader, &frame, &err), 0);
			cr_assert_null(frame);
		}
		cr_expect_eq(frame_reader_stored(reader), crafted.file.len);
		frame_reader_free(reader);
		cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	}
	(void)close(fd);
	craft_free(&crafted);
}

/* For whichever frame is in hand, the digest is that of what is before it. */
Test(frame_read, sum_of_stored_bytes_ends_before_the_frame_in_hand)
{
	struct crafted crafted = craft_frames();
	struct err err = { 0 };

	for (uint64_t last = 0; last < FRAMES; last += 13) {
		int fd = craft_file(crafted.file.at, crafted.file.len);
		struct frame_reader *reader = open_reader(fd, 3);
		uint8_t is[SHA256_BYTES], should[SHA256_BYTES];
		struct sha256 *sha256 = NULL;
		struct frame *frame = NULL;

		for (uint64_t n = 0; n <= last; n++)
			cr_assert_eq(
			    frame_reader_next(reader, &frame, &err), 0);
		frame_reader_stored_sha256(reader, is);
		cr_assert_eq(sha256_new(&sha256, &err), 0);
		sha256_add(sha256, crafted.file.at, frame->stored_offset);
		sha256_finish(sha256, should);
		cr_expect_eq(memcmp(is, should, sizeof(is)), 0, "frame %llu",
		    (unsigned long long)last);
		sha256_free(sha256);
		frame_reader_free(reader);
		(void)close(fd);
	}
	craft_free(&crafted);
}

/* A slow task: looks at its frame's bytes after later frames were asked for. */
static void
check_bytes(struct task *task)
{
	struct frame *frame =
	    (struct frame *)((char *)task - offsetof(struct frame, task));

	(void)usleep(3000);
	for (size_t i = 0; i < frame->len; i++) {
		if (frame->bytes[i] != raw_byte(frame->job.first, i))
			*(bool *)frame->job.ctx = true;
	}
}

Test(frame_read, bytes_stay_while_the_task_is_at_work)
{
	struct crafted crafted = craft_frames();
	int fd = craft_file(crafted.file.at, crafted.file.len);
	struct frame_reader *reader = open_reader(fd, 2);
	static bool wrong[FRAMES];
	struct err err = { 0 };

	for (uint64_t n = 0; n < FRAMES; n++) {
		struct frame *frame = NULL;

		cr_assert_eq(frame_reader_next(reader, &frame, &err), 0);
		frame->job.first = n;
		frame->job.ctx = &wrong[n];
		frame->task.run = check_bytes;
		pool_submit(frame_reader_pool(reader), &frame->task);
	}
	frame_reader_settle(reader);
	for (uint64_t n = 0; n < FRAMES; n++)
		cr_expect_not(wrong[n]);
	frame_reader_free(reader);
	(void)close(fd);
	craft_free(&crafted);
}

Test(frame_read, leaving_early_is_fine)
{
	struct crafted crafted = craft_frames();
	int fd = craft_file(crafted.file.at, crafted.file.len);
	struct frame_reader *reader = open_reader(fd, 4);
	struct frame *frame = NULL;
	struct err err = { 0 };

	cr_assert_eq(frame_reader_next(reader, &frame, &err), 0);
	frame_reader_free(reader);
	(void)close(fd);
	craft_free(&crafted);
}

Test(frame_read, what_is_no_archive_is_told_as_that)
{
	expect_end((const uint8_t *)"", 0, 0, "the file is empty");
	expect_end((const uint8_t *)"abc", 3, 0,
	    "not a litesafe archive: it is shorter than any frame");
	expect_end((const uint8_t *)"SQLite format 3", 16, 0,
	    "not a litesafe archive: it does not begin with a zstd frame");
	/* What `zstd` makes of a pipe: no content size. */
	expect_end((const uint8_t *)"\x28\xb5\x2f\xfd\x04\x58\x01\0\0", 9, 0,
	    "not a litesafe archive, or damaged: frame 0 at byte 0: it does "
	    "not state its content size");
	/* A seek table of no frames. */
	expect_end((const uint8_t *)"\x5e\x2a\x4d\x18\x09\0\0\0", 8, 0,
	    "not a litesafe archive: it does not begin with a zstd frame");
}

Test(frame_read, end_that_is_cut_off)
{
	struct crafted crafted = craft_frames();
	size_t table = 8 + crafted.table.len + 9;
	size_t frames = crafted.file.len - table;
	char words[200];

	expect_end(crafted.file.at, frames, FRAMES,
	    "the file ends after frame 39, at byte");
	expect_end(crafted.file.at, frames + 2, FRAMES,
	    "in the middle of a frame or of the seek table");
	(void)snprintf(words, sizeof(words),
	    "in the middle of the seek table, after %zu bytes", frames + 4);
	expect_end(crafted.file.at, frames + 4, FRAMES, words);
	(void)snprintf(words, sizeof(words),
	    "in the middle of the seek table, after %zu bytes",
	    crafted.file.len - 1);
	expect_end(crafted.file.at, crafted.file.len - 1, FRAMES, words);
	expect_end(crafted.file.at, frames - 1, FRAMES - 1,
	    "the file ends in the middle of it, after");
	expect_end(crafted.file.at, 4, 0, "frame 0 at byte 0: the file ends");
	craft_free(&crafted);
}

Test(frame_read, damage_is_placed)
{
	struct crafted crafted = craft_frames();
	size_t len = crafted.file.len;
	uint8_t *file = crafted.file.at;
	size_t first = get_le32(crafted.table.at);
	size_t table = len - 9 - crafted.table.len - 8;
	char words[200];

	/* The second frame: its checksum, then its magic number. */
	size_t second = get_le32(crafted.table.at + 8);
	(void)snprintf(words, sizeof(words),
	    "frame 1 at byte %zu: it cannot be decoded: Restored data doesn't "
	    "match checksum",
	    first);
	file[first + second - 1] ^= 1;
	expect_end(file, len, 1, words);
	file[first + second - 1] ^= 1;
	(void)snprintf(words, sizeof(words),
	    "frame 1 at byte %zu: no zstd frame begins here", first);
	file[first] ^= 1;
	expect_end(file, len, 1, words);
	file[first] ^= 1;

	/* The table: an entry, its length, what follows it. */
	for (size_t at = table + 4; at < len; at += 37) {
		(void)snprintf(words, sizeof(words),
		    "does not agree with the frames, at byte %zu", at);
		file[at] ^= 0x10;
		expect_end(file, len, FRAMES, words);
		file[at] ^= 0x10;
	}
	(void)snprintf(words, sizeof(words),
	    "something follows the seek table, at byte %zu", len);
	bytes_add(&crafted.file, "x", 1);
	expect_end(crafted.file.at, len + 1, FRAMES, words);
	craft_free(&crafted);
}

/* A frame that says 2999 and holds 3000. */
Test(frame_read, content_of_another_size_than_stated)
{
	struct crafted crafted = craft_frames();
	struct err err;

	/* Descriptor 0x64: two bytes of content size follow, less 256. */
	cr_assert_eq(crafted.file.at[4], 0x64);
	crafted.file.at[5]--;
	cr_expect_eq(read_all(crafted.file.at, crafted.file.len, 2, &err), 0);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	crafted.file.at[5] += 2;
	cr_expect_eq(read_all(crafted.file.at, crafted.file.len, 2, &err), 0);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	craft_free(&crafted);
}

Test(frame_read, error_of_the_system_is_no_damage)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(frame_reader) struct frame_reader *reader = open_reader(fd, 1);
	struct frame *frame = NULL;
	struct err err = { 0 };

	cr_assert_eq(frame_reader_next(reader, &frame, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect_str_eq(err.text, "read 'x.zst': Is a directory");
	(void)close(fd);
}
