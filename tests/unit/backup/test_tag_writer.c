/*
 * A tag for each page at its place, however many there are, and no word of
 * trouble before the end.
 */
#include "backup/tag_writer.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

enum { PAGE = 512, MANY = 10000 };

static const uint8_t key[PAGE_TAG_KEY_BYTES] = "a key that everybody knows";

static struct tag_writer *
write_tags(int fd, uint32_t pages)
{
	struct tag_writer *writer = NULL;
	struct err err = { 0 };
	uint8_t page[PAGE] = { 0 };

	cr_assert_eq(tag_writer_new(key, fd, "tags", PAGE, &writer, &err), 0,
	    "%s", err.text);
	for (uint32_t n = 1; n <= pages; n++) {
		memcpy(page, &n, sizeof(n));
		tag_writer_page(writer, page);
	}
	return writer;
}

Test(tag_writer, all_in_order)
{
	static const uint32_t counts[] = { 0, 1, 4095, 4096, 4097, MANY };

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		AUTO(tagger) struct tagger *tagger = NULL;
		AUTO(fd) int fd = -1;
		uint8_t page[PAGE] = { 0 };
		uint8_t tag[PAGE_TAG_BYTES], must[PAGE_TAG_BYTES];
		struct err err = { 0 };

		cr_assert_eq(tagger_new(key, &tagger, &err), 0);
		cr_assert_eq(file_scratch("/tmp", &fd, &err), 0);
		struct tag_writer *writer = write_tags(fd, counts[i]);
		cr_assert_eq(tag_writer_finish(writer, &err), 0);
		tag_writer_free(writer);
		cr_assert_eq(
		    lseek(fd, 0, SEEK_END), (off_t)counts[i] * PAGE_TAG_BYTES);
		for (uint32_t n = 1; n <= counts[i]; n++) {
			memcpy(page, &n, sizeof(n));
			tagger_pages(tagger, n, page, PAGE, 1, must);
			cr_assert_eq(pread(fd, tag, sizeof(tag),
					 (n - 1) * PAGE_TAG_BYTES),
			    PAGE_TAG_BYTES);
			cr_assert_arr_eq(tag, must, sizeof(tag));
		}
	}
}

Test(tag_writer, the_first_trouble_is_told_at_the_end)
{
	AUTO(fd) int fd = open("/dev/full", O_WRONLY);
	struct err err = { 0 };
	struct tag_writer *writer = write_tags(fd, MANY);

	cr_assert_eq(tag_writer_finish(writer, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect_not_null(
	    strstr(err.text, "'tags' at byte 0"), "%s", err.text);
	tag_writer_free(writer);
}
