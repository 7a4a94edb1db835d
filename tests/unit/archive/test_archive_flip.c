/*
 * Every length to which a small archive can be cut, and every bit of it that
 * can change: none may pass as a good archive.
 */
#include "archive/archive_read.h"

#include <malloc.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/archive/crafted.h"

static const struct craft subject = { .page_count = 3, .pages_per_frame = 1 };

/*
 * An ordinary program takes every one.  A sanitized one, seven times slower,
 * takes one in eleven: no divisor of eight, so that bits of all places come.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 11 };
#elif defined(__has_feature)
enum {
	STEP =
	    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
		? 11
		: 1
};
#else
enum { STEP = 1 };
#endif

/*
 * The fewest buffers, and their memory is kept: this is done some ten thousand
 * times.
 */
static struct craft_reading
read_it(const uint8_t *file, size_t len)
{
	struct craft_reading reading = { .threads = 1 };

	(void)mallopt(M_MMAP_THRESHOLD, 1 << 25);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 28);
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

static bool
peeks_well(const uint8_t *file, size_t len)
{
	int fd = craft_file(file, len);
	struct manifest manifest;
	struct err err = { 0 };
	int rc = archive_peek(fd, "x.tar.zst", &manifest, &err);

	if (rc < 0)
		cr_assert_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	(void)close(fd);
	return rc == 0;
}

Test(archive_flip, cut_at_every_length)
{
	struct bytes file = craft_archive(&subject);

	for (size_t len = 0; len < file.len; len += STEP) {
		cr_expect(noticed(file.at, len), "cut to %zu bytes", len);
		cr_expect_not(peeks_well(file.at, len), "%zu bytes", len);
	}
	cr_expect_not(noticed(file.at, file.len));
	bytes_free(&file);
}

Test(archive_flip, every_byte_inverted)
{
	struct bytes file = craft_archive(&subject);

	for (size_t at = 0; at < file.len; at += STEP) {
		file.at[at] ^= 0xff;
		cr_expect(noticed(file.at, file.len), "byte %zu", at);
		(void)peeks_well(file.at, file.len);
		file.at[at] ^= 0xff;
	}
	bytes_free(&file);
}

static void
flip_every_bit(const struct craft *craft)
{
	struct bytes file = craft_archive(craft);
	const struct craft_reading good = read_it(file.at, file.len);
	size_t last = good.contents.manifest.stored_bytes;

	cr_assert_eq(good.rc, 0);
	for (size_t bit = 0; bit < 8 * file.len; bit += STEP) {
		size_t at = bit / 8;
		uint8_t mask = (uint8_t)(1 << bit % 8);

		file.at[at] ^= mask;
		cr_expect(noticed(file.at, file.len), "bit %zu of byte %zu",
		    bit % 8, at);
		/* Who only peeks can know of no more than this. */
		if (at >= last)
			cr_expect_not(peeks_well(file.at, file.len),
			    "bit %zu of byte %zu", bit % 8, at);
		file.at[at] ^= mask;
	}
	cr_expect_not(noticed(file.at, file.len));
	bytes_free(&file);
}

Test(archive_flip, every_bit_of_one_page)
{
	flip_every_bit(&(struct craft){ .page_count = 1 });
}

Test(archive_flip, every_bit_of_several_frames)
{
	flip_every_bit(&subject);
}

Test(archive_flip, one_byte_more)
{
	struct bytes file = craft_archive(&subject);

	bytes_add(&file, "", 1);
	cr_expect(noticed(file.at, file.len));
	bytes_free(&file);
}
