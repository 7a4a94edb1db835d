/*
 * With a spool the archive writer is opened all the same before the first page
 * is read: what it may refuse must not be heard of when writers have waited.
 */
#include "backup/full.h"

#include <stdlib.h>

#include "backup/spool.h"
#include "base/auto.h"
#include "base/clock.h"

struct full {
	struct archive_writer *writer;
	struct spool *spool; /* NULL: pages stream */
	struct tag_writer *tags; /* or NULL */
	struct work *work;
	uint64_t gathered; /* see work_gather() */
	uint32_t page_size;
	uint64_t image_bytes;
};

static void
full_auto(struct full **place)
{
	full_free(*place);
}

int
full_new(const struct archive_write_options *write, bool spool,
    struct tag_writer *tags, struct full **ret_full, struct err *err)
{
	AUTO(full) struct full *full = calloc(1, sizeof(*full));

	if (full == NULL)
		return err_system(err, "begin a full backup");
	full->tags = tags;
	full->work = write->work;
	full->page_size = write->page_size;
	full->image_bytes = (uint64_t)write->page_count * write->page_size;
	if (spool &&
	    spool_new(write->scratch, full->image_bytes, &full->spool, err) < 0)
		return -1;
	if (archive_writer_new(write, &full->writer, err) < 0)
		return -1;
	*ret_full = take_ptr(&full);
	return 0;
}

void
full_free(struct full *full)
{
	if (full == NULL)
		return;
	archive_writer_free(full->writer);
	spool_free(full->spool);
	free(full);
}

static int
page_to_archive(void *ctx, const uint8_t *page, struct err *err)
{
	struct full *full = ctx;

	work_gather(full->work, &full->gathered, full->page_size);
	if (full->tags != NULL)
		tag_writer_page(full->tags, page);
	return archive_writer_page(full->writer, page, err);
}

int
full_page(struct full *full, const uint8_t *page, struct err *err)
{
	if (full->spool == NULL)
		return page_to_archive(full, page, err);
	work_gather(full->work, &full->gathered, full->page_size);
	return spool_add(full->spool, page, full->page_size, err);
}

int
full_store(struct full *full, struct manifest *manifest,
    struct stored_file *ret_file, struct err *err)
{
	if (full->spool != NULL) {
		work_phase(full->work, "compressing", full->image_bytes);
		full->gathered = 0;
		if (spool_replay(full->spool, full->page_size, page_to_archive,
			full, err) < 0)
			return -1;
	}
	if (archive_writer_seal(full->writer, manifest, err) < 0)
		return -1;
	manifest->finished_ms = clock_now_ms();
	return archive_writer_finish(full->writer, manifest, ret_file, err);
}
