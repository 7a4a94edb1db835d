/*
 * Two lists grow side by side, in page order: the spool of changed pages, and
 * their numbers and sums, which are the sums member of the archive to be.
 */
#include "backup/increment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "archive/increment_write.h"
#include "archive/page_list.h"
#include "archive/sums.h"
#include "backup/spool.h"
#include "base/auto.h"

struct increment {
	struct increment_options options;
	struct compare *compare;
	struct page_list *list;
	struct spool *spool;
	uint32_t pages; /* of the image, given so far */
	uint64_t gathered; /* see work_gather() */
};

static void
increment_auto(struct increment **place)
{
	increment_free(*place);
}

/* compare_options.changed */
static int
keep(void *ctx, uint32_t number, const uint8_t *sum, const uint8_t *page,
    struct err *err)
{
	struct increment *increment = ctx;

	if (page_list_add(increment->list, number, sum, err) < 0)
		return -1;
	return spool_add(
	    increment->spool, page, increment->options.page_size, err);
}

int
increment_new(const struct increment_options *options,
    struct increment **ret_increment, struct err *err)
{
	AUTO(increment)
	struct increment *increment = calloc(1, sizeof(*increment));

	if (increment == NULL)
		return err_system(err, "begin an increment");
	increment->options = *options;
	const struct compare_options compare = {
		.page_size = options->page_size,
		.parent_fd = options->parent_fd,
		.parent_pages = options->parent_pages,
		.sums_fd = options->sums_fd,
		.sums_name = options->sums_name,
		.tags = options->tags,
		.threads = options->threads,
		.changed = keep,
		.ctx = increment,
	};
	/* How many pages will change is not known: no room is asked for. */
	if (page_list_new(options->scratch, &increment->list, err) < 0 ||
	    spool_new(options->scratch, 0, &increment->spool, err) < 0 ||
	    compare_new(&compare, &increment->compare, err) < 0)
		return -1;
	*ret_increment = take_ptr(&increment);
	return 0;
}

void
increment_free(struct increment *increment)
{
	if (increment == NULL)
		return;
	compare_free(increment->compare);
	spool_free(increment->spool);
	page_list_free(increment->list);
	free(increment);
}

int
increment_page(
    struct increment *increment, const uint8_t *page, struct err *err)
{
	work_gather(increment->options.work, &increment->gathered,
	    increment->options.page_size);
	increment->pages++;
	return compare_page(increment->compare, page, err);
}

int
increment_settle(struct increment *increment, struct increment_count *ret_count,
    struct err *err)
{
	if (compare_finish(increment->compare, err) < 0)
		return -1;
	ret_count->summed = compare_summed(increment->compare);
	/* Its batches are not needed any more, the compressor's buffers are. */
	compare_free(take_ptr(&increment->compare));
	ret_count->changed = page_list_count(increment->list);
	return spool_rest(increment->spool, err);
}

/* On its way from the spool to the archive. */
struct replay {
	struct increment_writer *writer;
	struct work *work;
	uint32_t page_size;
};

static int
page_to_archive(void *ctx, const uint8_t *page, struct err *err)
{
	struct replay *replay = ctx;

	work_add(replay->work, replay->page_size);
	return increment_writer_page(replay->writer, page, err);
}

static int
find_root(const struct increment *increment, struct manifest_database *database,
    struct err *err)
{
	const struct sums sums = {
		.fd = increment->options.sums_fd,
		.name = increment->options.sums_name,
		.page_size = increment->options.page_size,
		.page_count = increment->pages,
	};

	return sums_root(&sums, database->root, err);
}

int
increment_store(struct increment *increment,
    const struct archive_write_options *write,
    struct manifest_database *database, struct err *err)
{
	AUTO(increment_writer) struct increment_writer *writer = NULL;
	uint32_t changed = page_list_count(increment->list);

	assert(increment->compare == NULL);
	assert(write->page_count == increment->pages);
	work_phase(
	    write->work, "compressing", (uint64_t)changed * write->page_size);
	if (increment_writer_new(write, increment->list, &writer, err) < 0)
		return -1;
	struct replay replay = {
		.writer = writer,
		.work = write->work,
		.page_size = write->page_size,
	};
	/* The root while the last frames are compressed. */
	if (spool_replay(increment->spool, write->page_size, page_to_archive,
		&replay, err) < 0 ||
	    find_root(increment, database, err) < 0)
		return -1;
	return increment_writer_seal(writer, database, err);
}

int
increment_store_nothing(const struct archive_write_options *write,
    struct manifest_database *database, struct err *err)
{
	AUTO(page_list) struct page_list *list = NULL;
	AUTO(increment_writer) struct increment_writer *writer = NULL;

	(void)memcpy(
	    database->root, database->parent_root, sizeof(database->root));
	if (page_list_new(write->scratch, &list, err) < 0 ||
	    increment_writer_new(write, list, &writer, err) < 0)
		return -1;
	return increment_writer_seal(writer, database, err);
}
