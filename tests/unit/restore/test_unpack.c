/* An archive into a file, and what is wrong with it as findings. */
#include "restore/unpack.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "history.h"

TestSuite(unpack, .init = world_begin, .fini = world_end);

static struct findings findings;

/* unpack_options.image: one file for whatever is in the archive. */
static int
image_of(void *ctx, const char *database, struct unpack_image *ret_image,
    struct err *err)
{
	(void)database, (void)err;
	ret_image->fd = *(const int *)ctx;
	ret_image->name = "image";
	return 0;
}

static int
unpack_fd(
    int archive, int image, struct archive_contents *contents, struct err *err)
{
	const struct lineage_archive one = { .fd = archive, .name = "a" };
	const struct lineage lineage = { .archives = &one, .count = 1 };
	struct unpack_result result;
	const struct unpack_options options = {
		.lineage = &lineage,
		.image = image < 0 ? NULL : image_of,
		.image_ctx = &image,
		.images_stay = true,
		.scratch = "/tmp",
		.threads = 2,
		.phase = "testing",
	};

	findings = (struct findings){ .listed = 0 };
	int rc = unpack_run(&options, &result, &findings, err);
	*contents = result.contents;
	return rc;
}

static int
unpack(const char *archive, const char *image,
    struct archive_contents *contents, struct err *err)
{
	int from = open(archive, O_RDONLY | O_CLOEXEC);
	int to = image == NULL
		     ? -1
		     : open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	cr_assert(from >= 0 && (image == NULL || to >= 0));
	int rc = unpack_fd(from, to, contents, err);
	(void)close(from);
	if (to >= 0)
		(void)close(to);
	return rc;
}

static void
make_archive(void)
{
	world_database("app.db", "wal", "saved");
	world_archive("app.db", "a.tar.zst", 0640);
}

Test(unpack, gives_back_every_byte)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	make_archive();
	cr_assert_eq(
	    unpack("a.tar.zst", "image", &contents, &err), 0, "%s", err.text);
	uint8_t *original = world_get("app.db", &len);
	cr_expect(world_same("image", original, len));
	free(original);
	cr_expect_eq(findings.damaged, 0);
	cr_expect_neq(contents.manifest.id[0], '\0');
}

/* A zeroed page must be on the disk, not a hole that a full disk can bite. */
Test(unpack, leaves_no_holes)
{
	static const uint8_t zeros[64 * 4096];
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	struct stat st;
	size_t len = 0;

	world_database("app.db", "delete", "saved");
	uint8_t *image = world_get("app.db", &len);
	FILE *out = fopen("app.db", "wb");
	cr_assert(out != NULL);
	cr_assert_eq(fwrite(image, 1, len, out), len);
	cr_assert_eq(fwrite(zeros, 1, sizeof(zeros), out), sizeof(zeros));
	cr_assert_eq(fclose(out), 0);
	free(image);
	world_archive("app.db", "a.tar.zst", 0600);

	cr_assert_eq(
	    unpack("a.tar.zst", "image", &contents, &err), 0, "%s", err.text);
	cr_assert_eq(stat("image", &st), 0);
	cr_expect_eq((size_t)st.st_size, len + sizeof(zeros));
	cr_expect_geq(st.st_blocks * 512, st.st_size);
}

Test(unpack, needs_no_image_to_prove)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };

	make_archive();
	cr_assert_eq(
	    unpack("a.tar.zst", NULL, &contents, &err), 0, "%s", err.text);
	cr_expect_eq(findings.damaged, 0);
}

Test(unpack, reads_a_pipe)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	make_archive();
	FILE *pipe = popen("cat a.tar.zst", "r");
	int image = open("image", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	cr_assert(pipe != NULL && image >= 0);
	cr_assert_eq(
	    unpack_fd(fileno(pipe), image, &contents, &err), 0, "%s", err.text);
	cr_expect_eq(pclose(pipe), 0);
	(void)close(image);
	cr_expect_eq(findings.damaged, 0);
	uint8_t *original = world_get("app.db", &len);
	cr_expect(world_same("image", original, len));
	free(original);
}

/* Whichever byte is wrong: an answer, never a failure to answer. */
Test(unpack, any_flipped_byte_is_damage, .timeout = 120)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	make_archive();
	free(world_get("a.tar.zst", &len));
	for (size_t at = 0; at < len; at += 1 + len / 150) {
		world_copy("a.tar.zst", "bad");
		world_flip("bad", at);
		cr_expect_eq(unpack("bad", NULL, &contents, &err), 0,
		    "byte %zu: %s", at, err.text);
		cr_expect_gt(findings.damaged, 0, "byte %zu", at);
	}
}

Test(unpack, any_truncation_is_damage, .timeout = 120)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	size_t len = 0;

	make_archive();
	uint8_t *bytes = world_get("a.tar.zst", &len);
	for (size_t end = 0; end < len; end += 1 + len / 60) {
		world_put("bad", bytes, end);
		cr_expect_eq(unpack("bad", NULL, &contents, &err), 0,
		    "at %zu: %s", end, err.text);
		cr_expect_gt(findings.damaged, 0, "at %zu", end);
		cr_expect_eq(contents.manifest.id[0], '\0');
	}
	free(bytes);
}

Test(unpack, a_file_size_limit_is_an_error_and_no_verdict)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };
	const struct rlimit limit = { 64 << 10, 64 << 10 };

	make_archive();
	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(unpack("a.tar.zst", "image", &contents, &err), -1);
	cr_expect_neq(err.kind, ERR_DAMAGED);
	cr_expect_eq(findings.damaged, 0);
}

Test(unpack, a_stop_request_is_an_error_and_no_verdict)
{
	struct unpack_result result;
	struct err err = { 0 };
	struct work work = { .stop = SIGTERM };

	make_archive();
	int from = open("a.tar.zst", O_RDONLY | O_CLOEXEC);
	const struct lineage_archive one = { .fd = from, .name = "a" };
	const struct lineage lineage = { .archives = &one, .count = 1 };
	const struct unpack_options options = {
		.lineage = &lineage,
		.scratch = "/tmp",
		.threads = 1,
		.phase = "testing",
		.work = &work,
	};
	cr_assert_eq(unpack_run(&options, &result, &findings, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	(void)close(from);
}

/* Needs root for the small filesystem; elsewhere the limit test stands in. */
Test(unpack, a_small_disk_is_found_before_the_work)
{
	struct archive_contents contents = { 0 };
	struct err err = { 0 };

	make_archive();
	cr_assert_eq(mkdir("small", 0700), 0);
	if (mount("none", "small", "tmpfs", 0, "size=64k") < 0)
		cr_skip("cannot mount a small filesystem here");
	int rc = unpack("a.tar.zst", "small/image", &contents, &err);
	struct stat st;
	int seen = stat("small/image", &st);
	cr_assert_eq(umount("small"), 0);
	cr_assert_eq(rc, -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE, "%s", err.text);
	cr_expect(strstr(err.text, "needs") != NULL, "%s", err.text);
	cr_expect(seen == 0 && st.st_size == 0, "pages were written first");
}

/* A chain of three in one folder, whose images are known. */
static void
make_chain(void)
{
	history_make();
	(void)history_full();
	history_sql("update fill set body=randomblob(500) where id%7=0");
	(void)history_increment(0);
	history_sql("delete from fill where id>150; vacuum");
	(void)history_increment(1);
}

/* Unpacks archives by number, the newest first. */
static int
unpack_chain(const size_t *numbers, size_t count, struct unpack_result *result,
    struct err *err)
{
	struct lineage_archive archives[8];
	const struct lineage lineage = {
		.archives = archives,
		.count = count,
	};
	int image = open("image", O_RDWR | O_CREAT | O_TRUNC, 0600);
	const struct unpack_options options = {
		.lineage = &lineage,
		.image = image_of,
		.image_ctx = &image,
		.scratch = "/tmp",
		.threads = 2,
		.phase = "testing",
	};

	cr_assert(image >= 0 && count <= 8);
	for (size_t i = 0; i < count; i++) {
		const char *path = history_path(numbers[i], SNAPSHOT_ARCHIVE);
		archives[i] = (struct lineage_archive){
			.fd = -1,
			.path = path,
			.name = path,
		};
	}
	findings = (struct findings){ .listed = 0 };
	int rc = unpack_run(&options, result, &findings, err);
	(void)close(image);
	return rc;
}

Test(unpack, a_chain_becomes_the_newest_image)
{
	static const size_t numbers[] = { 2, 1, 0 };
	struct unpack_result result;
	struct err err = { 0 };

	make_chain();
	for (size_t i = 0; i < 3; i++) {
		cr_assert_eq(unpack_chain(numbers + i, 3 - i, &result, &err), 0,
		    "%s", err.text);
		cr_expect_eq(findings.damaged, 0, "%s", findings.list[0].text);
		cr_expect(history_same("image", numbers[i]), "%zu", i);
		cr_expect_str_eq(
		    result.contents.manifest.id, history_id(numbers[i]));
	}
}

static void
expect_culprit(
    const size_t *numbers, size_t count, size_t culprit, const char *words)
{
	struct unpack_result result;
	struct err err = { 0 };

	cr_assert_eq(unpack_chain(numbers, count, &result, &err), 0, "%s: %s",
	    words, err.text);
	cr_expect_gt(findings.damaged, 0, "%s", words);
	cr_expect_eq(result.culprit, culprit, "%s", words);
	cr_expect(strstr(findings.list[0].text, words) != NULL, "%s: %s", words,
	    findings.list[0].text);
	cr_expect(strstr(history_path(numbers[culprit], SNAPSHOT_ARCHIVE),
		      findings.list[0].object) != NULL,
	    "%s", words);
}

/* Each archive is right in itself; together they are not a chain. */
Test(unpack, archives_that_do_not_fit_are_found)
{
	static const size_t swapped[] = { 2, 0, 1 }, skipped[] = { 2, 0 },
			    headless[] = { 2, 1 }, twice[] = { 2, 1, 1, 0 },
			    late[] = { 1, 0, 0 };

	make_chain();
	expect_culprit(swapped, 3, 1, "it is the archive of snapshot");
	expect_culprit(skipped, 2, 1, "it is the archive of snapshot");
	expect_culprit(headless, 2, 1, "the last of the chain must be full");
	expect_culprit(twice, 4, 2, "it is the archive of snapshot");
	expect_culprit(late, 3, 1, "an increment should be here");
}

Test(unpack, a_damaged_archive_is_named_wherever_it_stands)
{
	static const size_t numbers[] = { 2, 1, 0 };

	make_chain();
	for (size_t i = 0; i < 3; i++) {
		const char *path = history_path(numbers[i], SNAPSHOT_ARCHIVE);

		world_flip(path, 400);
		expect_culprit(numbers, 3, i, "");
		world_flip(path, 400);
	}
}

Test(unpack, an_increment_alone_makes_no_image)
{
	static const size_t numbers[] = { 1 };
	struct unpack_result result;
	struct err err = { 0 };

	make_chain();
	cr_assert_eq(unpack_chain(numbers, 1, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.hint, "restore -r") != NULL, "%s", err.hint);
}
