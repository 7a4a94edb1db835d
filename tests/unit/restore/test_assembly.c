/* Each page once, the newest, and the whole proved. */
#include "restore/assembly.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "archive/sums.h"
#include "world.h"

enum { SIZE = 512, PAGES = 20 };

static int image;
static struct manifest_database db;
static struct findings findings;
static struct err err;

static void
begin(void)
{
	world_begin();
	image = open("image", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(image >= 0);
	db = (struct manifest_database){
		.page_size = SIZE,
		.page_count = PAGES,
	};
	findings = (struct findings){ .listed = 0 };
}

static void
end(void)
{
	(void)close(image);
	world_end();
}

TestSuite(assembly, .init = begin, .fini = end);

static struct assembly *
new_chain(void)
{
	const struct assembly_options options = {
		.fd = image,
		.name = "image",
		.chain = true,
		.scratch = "/tmp",
		.image = &db,
	};
	struct assembly *assembly = NULL;

	cr_assert_eq(
	    assembly_new(&options, &assembly, &err), 0, "%s", err.text);
	return assembly;
}

/* Pages of one letter, with their true sums. */
static int
place(struct assembly *assembly, const uint32_t *numbers, size_t count,
    char letter)
{
	uint8_t pages[PAGES * SIZE], sums[PAGES * PAGE_SUM_BYTES];
	struct sha256 *stream = NULL;

	memset(pages, letter, sizeof(pages));
	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_pages(stream, pages, SIZE, count, sums);
	sha256_free(stream);
	const struct page_batch batch = {
		.pages = pages,
		.numbers = numbers,
		.sums = sums,
		.count = count,
		.page_size = SIZE,
	};
	return assembly_place(assembly, &batch, &err);
}

/* The root of the image as it should be. */
static void
set_root(const char *letters)
{
	struct sha256 *stream = NULL, *page = NULL;
	uint8_t bytes[SIZE], sum[PAGE_SUM_BYTES];

	cr_assert_eq(sha256_new(&stream, &err), 0);
	cr_assert_eq(sha256_new(&page, &err), 0);
	manifest_root_begin(stream, SIZE, db.page_count);
	for (uint32_t i = 0; i < db.page_count; i++) {
		memset(bytes, letters[i], sizeof(bytes));
		sha256_pages(page, bytes, SIZE, 1, sum);
		sha256_add(stream, sum, sizeof(sum));
	}
	sha256_finish(stream, db.root);
	sha256_free(stream);
	sha256_free(page);
}

static void
expect_image(const char *letters)
{
	size_t len = 0;
	uint8_t *bytes = world_get("image", &len);

	cr_assert_eq(len, strlen(letters) * SIZE);
	for (size_t i = 0; i < len; i++)
		cr_assert_eq(bytes[i], (uint8_t)letters[i / SIZE], "page %zu",
		    i / SIZE + 1);
	free(bytes);
}

static const uint32_t all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22 };

Test(assembly, what_came_first_stays)
{
	static const uint32_t newest[] = { 2, 3, 9 }, older[] = { 3, 4, 20 };
	struct assembly *assembly = new_chain();

	cr_assert_eq(place(assembly, newest, 3, 'N'), 0);
	cr_assert_eq(place(assembly, older, 3, 'O'), 0);
	cr_assert_eq(place(assembly, all, PAGES, 'o'), 0);
	set_root("oNNOooooNooooooooooO");
	cr_assert_eq(
	    assembly_prove(assembly, &db, &findings, &err), 0, "%s", err.text);
	cr_expect_eq(findings.damaged, 0, "%s", findings.list[0].text);
	expect_image("oNNOooooNooooooooooO");
	assembly_free(assembly);
}

Test(assembly, nothing_is_written_beyond_the_end)
{
	struct assembly *assembly;

	db.page_count = 18;
	assembly = new_chain();
	cr_assert_eq(place(assembly, all, 20, 'x'), 0);
	set_root("xxxxxxxxxxxxxxxxxx");
	cr_assert_eq(
	    assembly_prove(assembly, &db, &findings, &err), 0, "%s", err.text);
	cr_expect_eq(findings.damaged, 0);
	expect_image("xxxxxxxxxxxxxxxxxx");
	assembly_free(assembly);
}

Test(assembly, a_page_that_nobody_had_is_damage)
{
	struct assembly *assembly = new_chain();

	cr_assert_eq(place(assembly, all, PAGES - 1, 'x'), 0);
	cr_assert_eq(assembly_prove(assembly, &db, &findings, &err), 0);
	cr_expect_eq(findings.damaged, 1);
	cr_expect(strncmp(findings.list[0].text, "1 of the 20 pages", 17) == 0,
	    "%s", findings.list[0].text);
	assembly_free(assembly);
}

Test(assembly, another_root_is_damage)
{
	struct assembly *assembly = new_chain();

	cr_assert_eq(place(assembly, all, PAGES, 'x'), 0);
	set_root("xxxxxxxxxxyxxxxxxxxx");
	cr_assert_eq(assembly_prove(assembly, &db, &findings, &err), 0);
	cr_expect_eq(findings.damaged, 1);
	cr_expect(strstr(findings.list[0].text, "root") != NULL);
	assembly_free(assembly);
}

Test(assembly, pages_of_another_size_are_damage)
{
	struct assembly *assembly;

	db.page_size = 1024;
	assembly = new_chain();
	cr_expect_eq(place(assembly, all, 2, 'x'), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	assembly_free(assembly);
}

static void *
place_some(void *ctx)
{
	struct assembly *assembly = ctx;

	/* Neighbours in one byte of the record, from both threads. */
	for (int i = 0; i < 200; i++)
		(void)place(assembly, all, PAGES, 'x');
	return NULL;
}

Test(assembly, threads_may_meet)
{
	struct assembly *assembly = new_chain();
	pthread_t other;

	cr_assert_eq(pthread_create(&other, NULL, place_some, assembly), 0);
	for (int i = 0; i < 200; i++)
		for (uint32_t j = 0; j < PAGES; j++)
			(void)place(assembly, &all[j], 1, 'x');
	cr_assert_eq(pthread_join(other, NULL), 0);
	set_root("xxxxxxxxxxxxxxxxxxxx");
	cr_assert_eq(
	    assembly_prove(assembly, &db, &findings, &err), 0, "%s", err.text);
	cr_expect_eq(findings.damaged, 0);
	assembly_free(assembly);
}
