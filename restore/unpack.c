/*
 * Pages are written by the threads that decoded them, each at its own place,
 * so nothing waits for its turn.
 *
 * Every page is written, also one of zeros: an image with holes would look
 * restored, and the application's first write into a hole could then fail on
 * a full disk, in the middle of a checkpoint.  Where the size is known
 * beforehand (a regular file tells it from its end) the room is reserved
 * first, so that a disk that is too small is found before gigabytes are
 * decoded.
 */
#include "restore/unpack.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

/*
 * Where the pages go.  One thread writes at a time: the kernel lets only one
 * write to a file anyway, and a worker that waits for it there spins on a
 * processor that another one could decode with (half the time of a restore,
 * when it was measured).
 */
struct image {
	const struct unpack_options *options;
	pthread_mutex_t writing;
};

static uint64_t
image_bytes(const struct manifest *manifest)
{
	return (uint64_t)manifest->database.page_count *
	       manifest->database.page_size;
}

static int
place(void *ctx, uint32_t first, const uint8_t *pages, size_t count,
    uint32_t page_size, struct err *err)
{
	struct image *image = ctx;
	const struct unpack_options *options = image->options;
	uint64_t offset = (uint64_t)(first - 1) * page_size;
	size_t len = count * page_size;

	assert(first > 0);
	pthread_mutex_lock(&image->writing);
	int rc = file_write_at(
	    options->image_fd, pages, len, offset, options->image_name, err);
	pthread_mutex_unlock(&image->writing);
	if (rc < 0)
		return -1;
	if (options->image_stays)
		file_write_behind(options->image_fd, offset, len);
	return 0;
}

static int
no_room(const char *name, uint64_t bytes, uint64_t free_bytes, struct err *err)
{
	return err_set(err, ERR_NO_SPACE, ENOSPC,
	    "'%s' needs %llu bytes, its filesystem has %llu bytes free", name,
	    (unsigned long long)bytes, (unsigned long long)free_bytes);
}

/*
 * fallocate(2), not posix_fallocate(): where the filesystem cannot reserve,
 * the C library would write every block by itself, and the pages would then
 * be written twice.  The size is left alone, it grows with the pages.
 */
static int
reserve(const struct unpack_options *options, uint64_t bytes, struct err *err)
{
	uint64_t free_bytes = 0;

	if (file_free_space(
		options->image_fd, options->image_name, &free_bytes, err) < 0)
		return -1;
	if (free_bytes < bytes)
		return no_room(options->image_name, bytes, free_bytes, err);

	while (fallocate(options->image_fd, FALLOC_FL_KEEP_SIZE, 0,
		   (off_t)bytes) < 0) {
		if (errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EINTR)
			return err_system(err, "reserve %llu bytes for '%s'",
			    (unsigned long long)bytes, options->image_name);
		if (work_check(options->work, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * What the end of a regular file says in advance; nothing of it is relied on.
 * A manifest that cannot be found is no verdict yet: the walk will say where
 * the archive is damaged.  A newer format is refused here, before any work.
 */
static int
look_ahead(const struct unpack_options *options, bool regular,
    struct archive_read_options *read, struct err *err)
{
	struct manifest manifest = { 0 };
	struct err why = { 0 };

	read->image_sha256 = true;
	if (!regular)
		return 0;
	if (archive_peek(options->archive_fd, options->archive_name, &manifest,
		&why) < 0) {
		if (why.kind == ERR_DAMAGED)
			return 0;
		*err = why;
		return -1;
	}
	read->image_sha256 = manifest.database.has_image_sha256;
	if (options->image_fd < 0)
		return 0;
	return reserve(options, image_bytes(&manifest), err);
}

static void
report_bad_pages(
    const struct archive_contents *contents, struct findings *findings)
{
	uint32_t listed = contents->bad_pages;

	if (listed > ARCHIVE_BAD_PAGES_LISTED)
		listed = ARCHIVE_BAD_PAGES_LISTED;
	for (uint32_t i = 0; i < listed; i++)
		findings_add(findings, FINDING_DAMAGED, "",
		    "page %u of the archive does not have its stored sum",
		    contents->bad_page[i]);
	if (contents->bad_pages > listed)
		findings_add(findings, FINDING_DAMAGED, "",
		    "%u more pages do not have their stored sums",
		    contents->bad_pages - listed);
}

/* A finding stands under its archive; it need not name it again. */
static const char *
without_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (text[0] == '\'' && strncmp(text + 1, name, len) == 0 &&
	    strncmp(text + 1 + len, "': ", 3) == 0)
		return text + len + 4;
	return text;
}

/* The reader promised each page once; the file must agree. */
static int
check_size(const struct unpack_options *options,
    const struct manifest *manifest, struct err *err)
{
	struct stat st;

	if (fstat(options->image_fd, &st) < 0)
		return err_system(err, "look at '%s'", options->image_name);
	if ((uint64_t)st.st_size != image_bytes(manifest))
		return err_set(err, ERR_FAILED, 0,
		    "'%s' has %llu bytes after unpacking, not %llu",
		    options->image_name, (unsigned long long)st.st_size,
		    (unsigned long long)image_bytes(manifest));
	return 0;
}

int
unpack_run(const struct unpack_options *options,
    struct archive_contents *ret_contents, struct findings *findings,
    struct err *err)
{
	struct archive_contents contents = { 0 };
	struct stat st;
	struct image image = {
		.options = options,
		.writing = PTHREAD_MUTEX_INITIALIZER,
	};
	struct archive_read_options read = {
		.fd = options->archive_fd,
		.name = options->archive_name,
		.scratch = options->scratch,
		.threads = options->threads,
		.work = options->work,
		.place = options->image_fd < 0 ? NULL : place,
		.place_ctx = &image,
	};

	if (fstat(options->archive_fd, &st) < 0)
		return err_system(err, "look at '%s'", options->archive_name);
	bool regular = S_ISREG(st.st_mode);
	if (look_ahead(options, regular, &read, err) < 0)
		return -1;

	work_phase(
	    options->work, options->phase, regular ? (uint64_t)st.st_size : 0);
	if (archive_read(&read, &contents, err) < 0) {
		if (err->kind != ERR_DAMAGED)
			return -1;
		report_bad_pages(&contents, findings);
		findings_add(findings, FINDING_DAMAGED, "", "%s",
		    without_name(err->text, options->archive_name));
		contents.manifest = (struct manifest){ 0 };
	} else if (contents.bad_pages > 0) {
		report_bad_pages(&contents, findings);
	} else if (options->image_fd >= 0 &&
		   check_size(options, &contents.manifest, err) < 0) {
		return -1;
	}
	*ret_contents = contents;
	return 0;
}
