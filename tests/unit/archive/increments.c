#include "tests/unit/archive/increments.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "archive/increment_write.h"

bool
every_page(uint32_t number)
{
	(void)number;
	return true;
}

bool
every_second(uint32_t number)
{
	return number % 2 == 1;
}

bool
every_third(uint32_t number)
{
	return number % 3 == 0;
}

bool
pages_2_3_4_and_8(uint32_t number)
{
	return (number >= 2 && number <= 4) || number == 8;
}

bool
page_1(uint32_t number)
{
	return number == 1;
}

bool
page_10(uint32_t number)
{
	return number == 10;
}

static struct increment
with_defaults(const struct increment *given)
{
	struct increment increment = *given;

	if (increment.name == NULL)
		increment.name = "app.db";
	if (increment.page_size == 0)
		increment.page_size = 512;
	if (increment.page_count == 0)
		increment.page_count = 10;
	return increment;
}

static void
make_page(const struct increment *increment, uint32_t number, uint8_t *page)
{
	for (uint32_t i = 0; i < increment->page_size; i++)
		page[i] = craft_page_byte(increment->page_size, number, i);
}

static bool
has(const struct increment *increment, uint32_t number)
{
	return increment->stored != NULL && increment->stored(number);
}

struct page_list *
increment_pages(const struct increment *given)
{
	const struct increment increment = with_defaults(given);
	uint8_t page[PAGE_SIZE_MAX], sum[PAGE_SUM_BYTES];
	struct page_list *list = NULL;
	struct sha256 *sha256 = NULL;
	struct err err;

	cr_assert_eq(page_list_new("/tmp", &list, &err), 0);
	cr_assert_eq(sha256_new(&sha256, &err), 0);
	for (uint32_t n = 1; n <= increment.page_count; n++) {
		if (!has(&increment, n))
			continue;
		make_page(&increment, n, page);
		sha256_pages(sha256, page, increment.page_size, 1, sum);
		cr_assert_eq(page_list_add(list, n, sum, &err), 0);
	}
	sha256_free(sha256);
	return list;
}

struct archive_write_options
increment_options(const struct increment *given, int fd)
{
	const struct increment increment = with_defaults(given);

	return (struct archive_write_options){
		.fd = fd,
		.name = "increment",
		.scratch = "/tmp",
		.level = 1,
		.threads = 2,
		.member = increment.name,
		.page_size = increment.page_size,
		.page_count = increment.page_count,
		.uid = getuid(),
		.gid = getgid(),
		.mode = 0640,
		.mtime = 1700000000,
	};
}

struct manifest
increment_manifest(const struct increment *given)
{
	const struct increment increment = with_defaults(given);
	struct manifest m = {
		.id = "0123456789abcdef",
		.parent = "fedcba9876543210",
		.set = "app.db",
		.kind = MANIFEST_INCREMENT,
		.host = "host",
		.tool = "litesafe",
		.sqlite = "3.40.1",
		.database = {
			.page_size = increment.page_size,
			.page_count = increment.page_count,
			.encoding = "UTF-8",
			.journal_mode = "wal",
			.mode = 0640,
		},
	};

	(void)strcpy(m.database.name, increment.name);
	memset(m.database.root, 0xcd, SHA256_BYTES);
	memset(m.database.parent_root, 0xef, SHA256_BYTES);
	return m;
}

static void
write_pages(struct increment_writer *writer, const struct increment *increment)
{
	uint8_t page[PAGE_SIZE_MAX];
	struct err err = { 0 };

	for (uint32_t n = 1; n <= increment->page_count; n++) {
		if (!has(increment, n))
			continue;
		make_page(increment, n, page);
		cr_assert_eq(increment_writer_page(writer, page, &err), 0, "%s",
		    err.text);
	}
}

static struct bytes
content_of(int fd)
{
	struct bytes file = { 0 };
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	file.len = file.room = (size_t)st.st_size;
	file.at = malloc(file.room);
	cr_assert_eq(pread(fd, file.at, file.len, 0), (ssize_t)file.len);
	return file;
}

struct bytes
increment_archive(const struct increment *given, struct manifest *ret_manifest,
    struct stored_file *ret_file)
{
	const struct increment increment = with_defaults(given);
	int fd = memfd_create("increment", MFD_CLOEXEC);
	struct archive_write_options options =
	    increment_options(&increment, fd);
	struct page_list *list = increment_pages(&increment);
	struct increment_writer *writer = NULL;
	struct err err = { 0 };

	*ret_manifest = increment_manifest(&increment);
	cr_assert_eq(increment_writer_new(&options, list, &writer, &err), 0,
	    "%s", err.text);
	write_pages(writer, &increment);
	cr_assert_eq(
	    increment_writer_seal(writer, &ret_manifest->database, &err), 0,
	    "%s", err.text);
	cr_assert_eq(
	    increment_writer_finish(writer, ret_manifest, ret_file, &err), 0,
	    "%s", err.text);
	increment_writer_free(writer);
	page_list_free(list);
	struct bytes file = content_of(fd);
	(void)close(fd);
	return file;
}
