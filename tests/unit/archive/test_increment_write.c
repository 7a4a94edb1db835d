/*
 * An increment is what layout.h says, to us and to those who only know tar:
 * real tools take it apart, in the C locale and without a word.
 */
#include "archive/increment_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "archive/member_path.h"
#include "base/bytes.h"
#include "tests/unit/archive/increments.h"
#include "tests/unit/shared/fresh.h"

static char folder[FRESH_BYTES];

/* A folder of its own, in which the archive is "x.tar.zst". */
static void
enter_folder(const struct bytes *file)
{
	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
	int fd = open("x.tar.zst", O_WRONLY | O_CREAT | O_EXCL, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, file->at, file->len), (ssize_t)file->len);
	cr_assert_eq(close(fd), 0);
}

static void
leave_folder(void)
{
	char command[200];

	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_assert_eq(system(command), 0);
}

/* A command that succeeds and says nothing on standard error. */
static void
in_silence(const char *command)
{
	char line[300];
	struct stat st;

	(void)snprintf(line, sizeof(line), "LC_ALL=C %s 2>said", command);
	cr_assert_eq(system(line), 0, "%s", command);
	cr_assert_eq(stat("said", &st), 0);
	cr_expect_eq(st.st_size, 0, "%s spoke", command);
}

/* The next member's pages must be those of the increment, all else zeros. */
static uint32_t
check_pages(const struct increment *increment, const char *path, uint32_t first,
    uint32_t last)
{
	int fd = open(path, O_RDONLY);
	uint8_t page[PAGE_SIZE_MAX];
	uint32_t found = 0;
	struct stat st;

	cr_assert_geq(fd, 0, "no %s", path);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq((uint64_t)st.st_size,
	    (uint64_t)increment->page_size * increment->page_count);
	for (uint32_t n = 1; n <= increment->page_count; n++) {
		bool here = increment->stored != NULL && increment->stored(n) &&
			    n >= first && n <= last;

		found += here ? 1 : 0;
		cr_assert_eq(
		    read(fd, page, increment->page_size), increment->page_size);
		for (uint32_t i = 0; i < increment->page_size; i++)
			cr_assert_eq(page[i],
			    here ? craft_page_byte(increment->page_size, n, i)
				 : 0,
			    "%s: page %u", path, n);
	}
	(void)close(fd);
	return found;
}

static void
check_list(const struct increment *increment, const struct manifest *m)
{
	struct page_list *list = increment_pages(increment);
	uint32_t count = page_list_count(list), got = 0;
	size_t len = (size_t)count * PAGE_ENTRY_BYTES;
	uint8_t *is = malloc(len + 1), *should = malloc(len + 1);
	char path[MEMBER_PATH_BYTES];
	struct err err;

	member_path_page_list(increment->name, path);
	int fd = open(path, O_RDONLY);
	cr_assert_geq(fd, 0, "no %s", path);
	cr_expect_eq(read(fd, is, len + 1), (ssize_t)len);
	cr_assert_eq(page_list_read(list, 0, count, should, &got, &err), 0);
	cr_assert_eq(got, count);
	cr_expect_eq(memcmp(is, should, len), 0);
	cr_expect_eq(m->database.pages_stored, count);
	(void)close(fd);
	free(is);
	free(should);
	page_list_free(list);
}

/* What extraction gave, with the last page of each member but the newest. */
static void
check_files(
    const struct increment *increment, const struct manifest *m, uint32_t split)
{
	char path[MEMBER_PATH_BYTES];
	uint32_t found = 0;

	member_path_pages(increment->name, 1, path);
	found = check_pages(
	    increment, path, 1, split > 0 ? split : increment->page_count);
	member_path_pages(increment->name, 2, path);
	if (split > 0)
		found += check_pages(
		    increment, path, split + 1, increment->page_count);
	else
		cr_expect_eq(access(path, F_OK), -1);
	cr_expect_eq(found, m->database.pages_stored);
	check_list(increment, m);
}

static void
check(const struct increment *increment, uint32_t split)
{
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(increment, &m, &stored);

	cr_expect_eq(stored.bytes, file.len);
	enter_folder(&file);
	in_silence("zstd -dqc x.tar.zst >x.tar");
	in_silence("tar -xf x.tar");
	check_files(increment, &m, split);
	in_silence("rm -r *.pages* .litesafe litesafe.json");
	in_silence("bsdtar -xf x.tar");
	check_files(increment, &m, split);
	/* The manifest's offsets are true. */
	if (m.database.pages_stored > 0) {
		char command[200];

		(void)snprintf(command, sizeof(command),
		    "tail -c +%llu x.tar | head -c %u >page",
		    (unsigned long long)m.database.pages_offset + 1,
		    increment->page_size);
		in_silence(command);
		int fd = open("page", O_RDONLY);
		uint8_t page[PAGE_SIZE_MAX];
		uint32_t first = 1;

		while (!increment->stored(first))
			first++;
		cr_assert_eq(
		    read(fd, page, sizeof(page)), increment->page_size);
		for (uint32_t i = 0; i < increment->page_size; i++)
			cr_assert_eq(page[i],
			    craft_page_byte(increment->page_size, first, i));
		(void)close(fd);
	}
	leave_folder();
	bytes_free(&file);
}

Test(increment_write, tools_take_it_apart)
{
	static bool (*const sets[])(uint32_t number) = { NULL, every_page,
		every_second, every_third, pages_2_3_4_and_8, page_1, page_10 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		for (uint32_t size = 512; size <= 65536; size *= 8)
			check(&(struct increment){ .name = "app.db",
				  .page_size = size,
				  .page_count = 10,
				  .stored = sets[i] },
			    0);
	}
}

Test(increment_write, pages_fill_many_frames)
{
	check(&(struct increment){ "app.db", 4096, 3000, every_second }, 0);
	check(&(struct increment){ "app.db", 4096, 1024, every_page }, 0);
	check(&(struct increment){ "app.db", 512, 110000, every_page }, 0);
}

Test(increment_write, more_runs_than_a_member_may_have)
{
	check(&(struct increment){ "app.db", 512, 2 * 65536, every_second }, 0);
	check(&(struct increment){ "app.db", 512, 2 * 65536 + 1, every_second },
	    2 * 65536);
	check(&(struct increment){ "app.db", 512, 150000, every_second },
	    2 * 65536);
}

Test(increment_write, any_name_comes_out_in_silence)
{
	char longest[MEMBER_NAME_MAX + 1] = "";

	memset(longest, 'a', MEMBER_NAME_MAX);
	check(&(struct increment){ longest, 512, 10, every_third }, 0);
	check(&(struct increment){ longest, 512, 10, every_page }, 0);
	memcpy(longest + MEMBER_NAME_MAX - 2, "\xc3\xa4", 2);
	check(&(struct increment){ longest, 512, 10, every_third }, 0);
	check(&(struct increment){ "p\xc3\xa4ge db", 512, 10, every_page }, 0);
	check(&(struct increment){ "p\xc3\xa4ge db", 512, 10, NULL }, 0);
}

Test(increment_write, a_page_that_changed_on_its_way_is_an_error)
{
	const struct increment increment = { "app.db", 512, 10, every_page };
	struct page_list *list = increment_pages(&increment);
	int fd = memfd_create("increment", MFD_CLOEXEC);
	struct archive_write_options options =
	    increment_options(&increment, fd);
	struct increment_writer *writer = NULL;
	struct manifest m = increment_manifest(&increment);
	uint8_t page[512] = { 0 };
	struct err err = { 0 };

	cr_assert_eq(increment_writer_new(&options, list, &writer, &err), 0);
	for (int i = 0; i < 10; i++)
		cr_assert_eq(increment_writer_page(writer, page, &err), 0);
	cr_assert_eq(increment_writer_seal(writer, &m.database, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect_str_eq(err.text,
	    "page 1 of 'app.db' is not what it was when it was found changed");
	increment_writer_free(writer);
	page_list_free(list);
	(void)close(fd);
}
