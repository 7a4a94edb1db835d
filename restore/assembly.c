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
 *
 * Newest first, so that a page is written once, however often it changed along
 * the chain.  What makes that safe is the root: it is computed from the sums
 * of the very bytes that were written, and compared with that of the image.
 */
#include "restore/assembly.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "archive/sums.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/units.h"

/*
 * One thread writes at a time: the kernel lets only one write to a file
 * anyway, and a worker that waits for it there spins on a processor that
 * another one could decode with (half the time of a restore, when it was
 * measured).
 */
struct assembly {
	struct assembly_options options;
	pthread_mutex_t writing;

	/* Of a chain. */
	_Atomic uint8_t *placed; /* a bit for each page */
	size_t placed_bytes;
	atomic_uint_fast64_t count; /* pages placed */
	struct sums sums; /* of the pages placed */
};

static uint64_t
image_bytes(const struct manifest_database *image)
{
	return (uint64_t)image->page_count * image->page_size;
}

static int
no_room(const char *name, uint64_t bytes, uint64_t free_bytes, struct err *err)
{
	char needs[UNITS_TEXT_BYTES], has[UNITS_TEXT_BYTES];

	units_format_size(bytes, needs);
	units_format_size(free_bytes, has);
	return err_set(err, ERR_NO_SPACE, ENOSPC,
	    "'%s' needs %s, its filesystem has %s free", name, needs, has);
}

/*
 * fallocate(2), not posix_fallocate(): where the filesystem cannot reserve,
 * the C library would write every block by itself, and the pages would then
 * be written twice.  The size is left alone, it grows with the pages.
 */
static int
reserve(const struct assembly_options *options, uint64_t bytes, struct err *err)
{
	uint64_t free_bytes = 0;

	if (file_free_space(options->fd, options->name, &free_bytes, err) < 0)
		return -1;
	if (free_bytes < bytes)
		return no_room(options->name, bytes, free_bytes, err);

	while (
	    fallocate(options->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) < 0) {
		if (errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EINTR)
			return err_system(err, "reserve %llu bytes for '%s'",
			    (unsigned long long)bytes, options->name);
		if (work_check(options->work, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Here posix_fallocate() is right: a store into a mapped hole on a full disk
 * would be a SIGBUS, so every block must be there.
 */
static int
map_bits(struct assembly *assembly, struct err *err)
{
	const char *folder = assembly->options.scratch;
	size_t bytes = assembly->options.image->page_count / 8 + 1;
	AUTO(fd) int fd = -1;

	if (file_scratch(folder, &fd, err) < 0)
		return -1;
	errno = posix_fallocate(fd, 0, (off_t)bytes);
	if (errno != 0)
		return err_system(err, "make a scratch file in '%s'", folder);
	void *bits =
	    mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bits == MAP_FAILED)
		return err_system(err, "map a scratch file in '%s'", folder);
	assembly->placed = bits;
	assembly->placed_bytes = bytes;
	return 0;
}

static int
begin_chain(struct assembly *assembly, struct err *err)
{
	const struct manifest_database *image = assembly->options.image;

	assembly->sums.name = "page sums";
	assembly->sums.page_size = image->page_size;
	assembly->sums.page_count = image->page_count;
	if (map_bits(assembly, err) < 0)
		return -1;
	return file_scratch(assembly->options.scratch, &assembly->sums.fd, err);
}

int
assembly_new(const struct assembly_options *options,
    struct assembly **ret_assembly, struct err *err)
{
	AUTO(assembly)
	struct assembly *assembly = calloc(1, sizeof(*assembly));

	if (assembly == NULL)
		return err_system(err, "prepare '%s'", options->name);
	assembly->options = *options;
	assembly->sums.fd = -1;
	(void)pthread_mutex_init(&assembly->writing, NULL);
	if (options->image != NULL &&
	    reserve(options, image_bytes(options->image), err) < 0)
		return -1;
	if (options->chain && begin_chain(assembly, err) < 0)
		return -1;
	assembly->options.image = NULL;
	*ret_assembly = take_ptr(&assembly);
	return 0;
}

void
assembly_free(struct assembly *assembly)
{
	if (assembly == NULL)
		return;
	if (assembly->placed != NULL)
		(void)munmap((void *)assembly->placed, assembly->placed_bytes);
	fd_auto(&assembly->sums.fd);
	(void)pthread_mutex_destroy(&assembly->writing);
	free(assembly);
}

void
assembly_auto(struct assembly **place)
{
	assembly_free(*place);
}

/* `count` pages of the batch, from `from` on, whose numbers are in a row. */
static int
write_run(struct assembly *assembly, const struct page_batch *batch,
    size_t from, size_t count, struct err *err)
{
	const struct assembly_options *options = &assembly->options;
	uint32_t first = batch->numbers[from];
	uint64_t offset = (uint64_t)(first - 1) * batch->page_size;
	size_t len = count * batch->page_size;

	pthread_mutex_lock(&assembly->writing);
	int rc =
	    file_write_at(options->fd, batch->pages + from * batch->page_size,
		len, offset, options->name, err);
	if (rc == 0 && options->chain)
		rc = file_write_at(assembly->sums.fd,
		    batch->sums + from * PAGE_SUM_BYTES, count * PAGE_SUM_BYTES,
		    (uint64_t)(first - 1) * PAGE_SUM_BYTES, assembly->sums.name,
		    err);
	pthread_mutex_unlock(&assembly->writing);
	if (rc < 0)
		return -1;
	if (options->stays)
		file_write_behind(options->fd, offset, len);
	return 0;
}

/* Whether a page is to be written; asked once for each page of an archive. */
static bool
claim(struct assembly *assembly, uint32_t number)
{
	uint32_t index = number - 1;
	uint8_t bit = (uint8_t)(1u << index % 8);

	if (!assembly->options.chain)
		return true;
	if (index >= assembly->sums.page_count)
		return false;
	/* Other threads claim pages whose bits are in the same byte. */
	if (atomic_fetch_or(&assembly->placed[index / 8], bit) & bit)
		return false;
	atomic_fetch_add(&assembly->count, 1);
	return true;
}

int
assembly_place(void *ctx, const struct page_batch *batch, struct err *err)
{
	struct assembly *assembly = ctx;
	size_t from = 0, count = 0;

	if (assembly->options.chain &&
	    batch->page_size != assembly->sums.page_size)
		return err_set(err, ERR_DAMAGED, 0,
		    "it has pages of %u bytes, and the image is of pages of %u",
		    batch->page_size, assembly->sums.page_size);

	for (size_t i = 0; i < batch->count; i++) {
		assert(batch->numbers[i] > 0);
		bool follows = count > 0 && batch->numbers[i] ==
						batch->numbers[from] + count;

		if (count > 0 && !follows) {
			if (write_run(assembly, batch, from, count, err) < 0)
				return -1;
			count = 0;
		}
		if (!claim(assembly, batch->numbers[i]))
			continue;
		if (count == 0)
			from = i;
		count++;
	}
	return count == 0 ? 0 : write_run(assembly, batch, from, count, err);
}

/* The readers promised each page; the file must agree. */
static int
check_size(const struct assembly *assembly,
    const struct manifest_database *image, struct err *err)
{
	const struct assembly_options *options = &assembly->options;
	struct stat st;

	if (fstat(options->fd, &st) < 0)
		return err_system(err, "look at '%s'", options->name);
	if ((uint64_t)st.st_size != image_bytes(image))
		return err_set(err, ERR_FAILED, 0,
		    "'%s' has %llu bytes after unpacking, not %llu",
		    options->name, (unsigned long long)st.st_size,
		    (unsigned long long)image_bytes(image));
	return 0;
}

static int
prove_chain(struct assembly *assembly, const struct manifest_database *image,
    struct findings *findings, struct err *err)
{
	uint8_t root[SHA256_BYTES];
	uint64_t placed = assembly->count;

	if (image->page_size != assembly->sums.page_size ||
	    image->page_count != assembly->sums.page_count)
		return err_set(err, ERR_FAILED, 0,
		    "the newest archive changed while it was read");
	if (placed < image->page_count) {
		findings_add(findings, FINDING_DAMAGED, "",
		    "%llu of the %u pages of the image are in none of the "
		    "archives of the chain",
		    (unsigned long long)(image->page_count - placed),
		    image->page_count);
		return 0;
	}
	if (sums_root(&assembly->sums, root, err) < 0)
		return -1;
	if (memcmp(root, image->root, SHA256_BYTES) != 0)
		findings_add(findings, FINDING_DAMAGED, "",
		    "the pages of the chain's archives do not make the image "
		    "that was backed up: its root is another");
	return 0;
}

int
assembly_prove(struct assembly *assembly, const struct manifest_database *image,
    struct findings *findings, struct err *err)
{
	unsigned before = findings->damaged;

	if (assembly->options.chain &&
	    prove_chain(assembly, image, findings, err) < 0)
		return -1;
	return findings->damaged > before ? 0
					  : check_size(assembly, image, err);
}
