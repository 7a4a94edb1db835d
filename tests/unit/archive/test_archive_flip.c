/*
 * Every length to which a small archive can be cut, and every byte of it that
 * can change: none may pass as a good archive.
 */
#include "archive/archive_read.h"

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/archive/crafted.h"

static const struct craft subject = { .page_count = 9 };

/* The fewest buffers: this is done some ten thousand times. */
static struct craft_reading
read_it(const uint8_t *file, size_t len)
{
	struct craft_reading reading = { .threads = 1 };

	craft_read(file, len, &reading);
	if (reading.rc < 0) {
		cr_assert_eq(
		    reading.err.kind, ERR_DAMAGED, "%s", reading.err.text);
		cr_assert_neq(reading.err.text[0], '\0');
	}
	return reading;
}

static bool
noticed(const uint8_t *file, size_t len)
{
	const struct craft_reading reading = read_it(file, len);

	return reading.rc < 0 || reading.contents.bad_pages > 0;
}

static void
peek_at(const uint8_t *file, size_t len)
{
	int fd = craft_file(file, len);
	struct manifest manifest;
	struct err err = { 0 };

	if (archive_peek(fd, "x.tar.zst", &manifest, &err) < 0)
		cr_assert_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	(void)close(fd);
}

Test(archive_flip, cut_at_every_length)
{
	struct bytes file = craft_archive(&subject);

	for (size_t len = 0; len < file.len; len++) {
		cr_expect(noticed(file.at, len), "cut to %zu bytes", len);
		peek_at(file.at, len);
	}
	cr_expect_not(noticed(file.at, file.len));
	bytes_free(&file);
}

Test(archive_flip, every_byte_inverted)
{
	struct bytes file = craft_archive(&subject);

	for (size_t at = 0; at < file.len; at++) {
		file.at[at] ^= 0xff;
		cr_expect(noticed(file.at, file.len), "byte %zu", at);
		peek_at(file.at, file.len);
		file.at[at] ^= 0xff;
	}
	bytes_free(&file);
}

/*
 * zstd has a few bits that pad its tables and mean nothing.  In the last frame,
 * which no sum of stored bytes covers, one of them may change unseen: then all
 * that the archive says must be the same.
 */
static void
expect_the_same(
    const struct craft_reading *good, const struct craft_reading *is, size_t at)
{
	cr_expect_geq(at, good->contents.manifest.stored_bytes, "byte %zu", at);
	cr_expect_eq(
	    memcmp(&is->contents, &good->contents, sizeof(good->contents)), 0,
	    "byte %zu", at);
	cr_expect_eq(is->places, good->places);
	cr_expect_not(is->image_wrong);
}

/* Before the last frame one bit of each byte; in it and behind it all. */
Test(archive_flip, every_bit)
{
	struct bytes file = craft_archive(&subject);
	const struct craft_reading good = read_it(file.at, file.len);
	uint64_t last = good.contents.manifest.stored_bytes;
	unsigned unseen = 0;

	cr_assert_eq(good.rc, 0);
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		uint8_t mask = (uint8_t)(1 << bit % 8);

		if (bit / 8 < last && bit % 8 != bit / 8 % 8)
			continue;
		file.at[bit / 8] ^= mask;
		const struct craft_reading is = read_it(file.at, file.len);
		if (is.rc == 0 && is.contents.bad_pages == 0) {
			expect_the_same(&good, &is, bit / 8);
			unseen++;
		}
		file.at[bit / 8] ^= mask;
	}
	cr_expect_leq(unseen, 32);
	bytes_free(&file);
}

Test(archive_flip, one_byte_more)
{
	struct bytes file = craft_archive(&subject);

	bytes_add(&file, "", 1);
	cr_expect(noticed(file.at, file.len));
	bytes_free(&file);
}
