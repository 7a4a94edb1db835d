/*
 * archive_peek() and, below it, frame_read_last().
 */
#include "archive/archive_read.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "tests/unit/archive/crafted.h"

static int
peek(
    const uint8_t *file, size_t len, struct manifest *manifest, struct err *err)
{
	int fd = craft_file(file, len);

	*err = (struct err){ 0 };
	/* Wherever the file stands, it stays there. */
	cr_assert_eq(lseek(fd, 3, SEEK_SET), 3);
	int rc = archive_peek(fd, "x.tar.zst", manifest, err);
	cr_assert_eq(lseek(fd, 0, SEEK_CUR), 3);
	(void)close(fd);
	return rc;
}

static void
expect_damage(const uint8_t *file, size_t len, const char *words)
{
	struct manifest manifest;
	struct err err;

	cr_assert_eq(peek(file, len, &manifest, &err), -1, "%s", words);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect_not_null(
	    strstr(err.text, words), "'%s' is not in: %s", words, err.text);
}

static void
expect_damage_of(const struct craft *craft, const char *words)
{
	struct bytes file = craft_archive(craft);

	expect_damage(file.at, file.len, words);
	bytes_free(&file);
}

Test(archive_peek, finds_the_manifest)
{
	struct bytes file = craft_archive(
	    &(struct craft){ .page_count = 20000, .pages_per_frame = 1 });
	struct manifest manifest;
	struct err err;

	cr_assert_eq(
	    peek(file.at, file.len, &manifest, &err), 0, "%s", err.text);
	cr_expect_str_eq(manifest.id, "0123456789abcdef");
	cr_expect_eq(manifest.database.page_count, 20000);
	bytes_free(&file);
}

/* The rest of the file is not read: it may be anything. */
Test(archive_peek, does_not_look_at_pages)
{
	struct bytes file = craft_archive(&(struct craft){ 0 });
	struct manifest manifest;
	struct err err;

	memset(file.at, 0xaa, 200);
	cr_expect_eq(peek(file.at, file.len, &manifest, &err), 0);
	bytes_free(&file);
}

Test(archive_peek, newer_format_is_no_damage)
{
	struct bytes file =
	    craft_archive(&(struct craft){ .json = "{\"litesafe_format\":9}" });
	struct manifest manifest;
	struct err err;

	cr_assert_eq(peek(file.at, file.len, &manifest, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect_not_null(
	    strstr(err.text, "': the archive has format 9"), "%s", err.text);
	cr_expect_neq(err.hint[0], '\0');
	bytes_free(&file);
}

Test(archive_peek, last_frame_must_be_the_manifest)
{
	expect_damage_of(
	    &(struct craft){ .no_manifest = true }, "ends after 0 members");
	expect_damage_of(&(struct craft){ .manifest_name = "other.json" },
	    "'other.json', should be 'litesafe.json'");
	expect_damage_of(
	    &(struct craft){ .after_end = "x" }, "is followed by something");
	expect_damage_of(&(struct craft){ .no_cut_before_manifest = true },
	    "should be 'litesafe.json'");
	expect_damage_of(&(struct craft){ .json = "{}" }, "litesafe_format");
	expect_damage_of(
	    &(struct craft){ .compressed_last = true }, "is not stored raw");
}

static void
other_stored_bytes(struct manifest *m)
{
	m->stored_bytes++;
}

Test(archive_peek, manifest_must_know_its_place)
{
	expect_damage_of(
	    &(struct craft){ .edit = other_stored_bytes }, "'stored_bytes' is");
}

static void
more_pages(struct manifest *m)
{
	uint64_t more = 4000000000u - m->database.page_count;

	m->database.page_count += (uint32_t)more;
	m->database.pages_stored += (uint32_t)more;
	m->database.sums_offset += more * m->database.page_size;
}

/* A size that nobody stored must not be what a full disk is told from. */
Test(archive_peek, manifest_cannot_claim_more_than_the_frames_hold)
{
	expect_damage_of(&(struct craft){ .edit = more_pages },
	    "by the manifest its frame begins at byte 2112000001");
}

Test(archive_peek, what_has_no_seek_table)
{
	expect_damage((const uint8_t *)"", 0, "the file is empty");
	expect_damage((const uint8_t *)"short", 5, "does not end in a seek");
	expect_damage((const uint8_t *)"somewhat longer than a footer", 29,
	    "does not end in a seek table");
}

Test(archive_peek, seek_table_that_lies)
{
	struct bytes file = craft_archive(&(struct craft){ 0 });
	uint8_t *end = file.at + file.len;

	/* Number of frames: more than fit, one less, one more. */
	put_le32(end - 9, 0x8000000);
	expect_damage(file.at, file.len, "more than fit in the file");
	put_le32(end - 9, 0x8000001);
	expect_damage(file.at, file.len, "claims to have 134217729 frames");
	put_le32(end - 9, 4);
	expect_damage(file.at, file.len, "does not begin where its end says");
	put_le32(end - 9, 6);
	expect_damage(file.at, file.len, "does not begin where its end says");
	put_le32(end - 9, 5);

	/* The last entry, then the first one as well so that the sum holds. */
	uint32_t last = get_le32(end - 17), first = get_le32(end - 49);
	put_le32(end - 17, last + 1);
	expect_damage(file.at, file.len, "lie before it");
	put_le32(end - 49, first - 1);
	expect_damage(file.at, file.len, "no zstd frame begins here");
	put_le32(end - 17, 0);
	put_le32(end - 49, first + last);
	expect_damage(file.at, file.len, "gives a frame 0 bytes");
	put_le32(end - 17, last);
	put_le32(end - 49, first);

	/* The content size. */
	put_le32(end - 13, get_le32(end - 13) + 1);
	expect_damage(
	    file.at, file.len, "its size is not that of the seek table");
	put_le32(end - 13, UINT32_MAX);
	expect_damage(file.at, file.len, "with 4294967295 bytes of content");
	bytes_free(&file);
}

/* A file of 1 GiB of holes that claims as many frames as there can be. */
Test(archive_peek, huge_claims_take_no_memory)
{
	const uint64_t size = 8 + 8 * (uint64_t)0x8000000 + 9 + 100;
	uint8_t header[8], footer[9] = { 0, 0, 0, 8, 0 };
	int fd = memfd_create("huge", MFD_CLOEXEC);
	struct manifest manifest;
	struct err err = { 0 };

	put_le32(header, 0x184d2a5e);
	put_le32(header + 4, (uint32_t)(8 * (uint64_t)0x8000000 + 9));
	put_le32(footer + 5, 0x8f92eab1);
	cr_assert_eq(ftruncate(fd, (off_t)size), 0);
	cr_assert_eq(pwrite(fd, header, 8, 100), 8);
	cr_assert_eq(pwrite(fd, footer, 9, (off_t)(size - 9)), 9);
	cr_assert_eq(archive_peek(fd, "x.tar.zst", &manifest, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(
	    strstr(err.text, "a frame 0 bytes with 0 bytes of content"), "%s",
	    err.text);
	(void)close(fd);
}

Test(archive_peek, pipe_is_refused_as_that)
{
	int ends[2];
	struct manifest manifest;
	struct err err = { 0 };

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(archive_peek(ends[0], "x.tar.zst", &manifest, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
