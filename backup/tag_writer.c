/*
 * Tags are made on the thread that hands on the pages: beside the compressors
 * of a full backup it has the time.
 */
#include "backup/tag_writer.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/file.h"

enum { TAGS_PENDING = 4096 };

struct tag_writer {
	struct tagger *tagger;
	int fd;
	const char *name;
	uint32_t page_size;
	uint32_t pages; /* so far */
	size_t pending; /* of their tags, not written yet */
	struct err err; /* the first that went wrong */
	uint8_t tags[TAGS_PENDING * PAGE_TAG_BYTES];
};

static void
tag_writer_auto(struct tag_writer **place)
{
	tag_writer_free(*place);
}

int
tag_writer_new(const uint8_t key[PAGE_TAG_KEY_BYTES], int fd, const char *name,
    uint32_t page_size, struct tag_writer **ret_writer, struct err *err)
{
	AUTO(tag_writer)
	struct tag_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return err_system(err, "begin to tag pages");
	writer->fd = fd;
	writer->name = name;
	writer->page_size = page_size;
	if (tagger_new(key, &writer->tagger, err) < 0)
		return -1;
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
tag_writer_free(struct tag_writer *writer)
{
	if (writer == NULL)
		return;
	tagger_free(writer->tagger);
	free(writer);
}

static void
flush(struct tag_writer *writer)
{
	uint64_t at = (uint64_t)(writer->pages - writer->pending);

	if (writer->err.kind == ERR_NONE)
		(void)file_write_at(writer->fd, writer->tags,
		    writer->pending * PAGE_TAG_BYTES, at * PAGE_TAG_BYTES,
		    writer->name, &writer->err);
	writer->pending = 0;
}

void
tag_writer_page(struct tag_writer *writer, const uint8_t *page)
{
	if (writer->pending == TAGS_PENDING)
		flush(writer);
	writer->pages++;
	tagger_pages(writer->tagger, writer->pages, page, writer->page_size, 1,
	    writer->tags + writer->pending * PAGE_TAG_BYTES);
	writer->pending++;
}

int
tag_writer_finish(struct tag_writer *writer, struct err *err)
{
	flush(writer);
	if (writer->err.kind == ERR_NONE)
		return 0;
	*err = writer->err;
	return -1;
}
