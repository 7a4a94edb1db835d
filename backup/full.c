/*
 * A spool stands between the pages and the archive writer, which is then opened
 * when it is their turn.
 */
#include "backup/full.h"

#include <stdlib.h>

#include "backup/spool.h"
#include "base/auto.h"

struct full {
	struct archive_write_options write;
	struct archive_writer *writer;
	struct spool *spool; /* NULL: pages stream */
	struct tag_writer *tags; /* or NULL */
	struct pace *pace; /* of what comes out of the spool */
	size_t unpaced; /* bytes that it was not told of yet */
	uint64_t gathered; /* see work_gather() */
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
	full->write = *write;
	full->tags = tags;
	full->image_bytes = (uint64_t)write->page_count * write->page_size;
	int rc = spool ? spool_new(write->scratch, full->image_bytes,
			     &full->spool, err)
		       : archive_writer_new(write, &full->writer, err);
	if (rc < 0)
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

	work_gather(full->write.work, &full->gathered, full->write.page_size);
	if (full->tags != NULL)
		tag_writer_page(full->tags, page);
	return archive_writer_page(full->writer, page, err);
}

/* By the piece: to wait for each page would be a burst of short waits. */
static int
keep_pace(struct full *full, struct err *err)
{
	full->unpaced += full->write.page_size;
	if (full->unpaced < pace_piece(full->pace, SPOOL_BUFFER))
		return 0;
	size_t bytes = full->unpaced;
	full->unpaced = 0;
	return pace_keep(full->pace, bytes, full->write.work, err);
}

static int
page_from_spool(void *ctx, const uint8_t *page, struct err *err)
{
	return page_to_archive(ctx, page, err) < 0 ? -1 : keep_pace(ctx, err);
}

int
full_page(struct full *full, const uint8_t *page, struct err *err)
{
	if (full->spool == NULL)
		return page_to_archive(full, page, err);
	work_gather(full->write.work, &full->gathered, full->write.page_size);
	return spool_add(full->spool, page, full->write.page_size, err);
}

int
full_seal(
    struct full *full, struct manifest_database *database, struct err *err)
{
	return archive_writer_seal(full->writer, database, err);
}

int
full_rest(struct full *full, struct err *err)
{
	return spool_rest(full->spool, err);
}

int
full_store(struct full *full, struct pace *pace,
    struct manifest_database *database, struct err *err)
{
	full->pace = pace;
	work_phase(full->write.work, "compressing", full->image_bytes);
	full->gathered = 0;
	if (archive_writer_new(&full->write, &full->writer, err) < 0 ||
	    spool_replay(full->spool, full->write.page_size, page_from_spool,
		full, err) < 0)
		return -1;
	return full_seal(full, database, err);
}
