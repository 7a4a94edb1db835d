/*
 * The page tags of an image that passes by page after page, into a file.
 *
 * What goes wrong is told at the end: the backup whose pages they are does not
 * need them.  One thread.
 */
#ifndef BACKUP_TAG_WRITER_H
#define BACKUP_TAG_WRITER_H

#include <stdint.h>

#include "base/err.h"
#include "base/page_tag.h"

struct tag_writer;

/* `fd` and `name` (for messages) live as long. */
int
tag_writer_new(const uint8_t key[PAGE_TAG_KEY_BYTES], int fd, const char *name,
    uint32_t page_size, struct tag_writer **ret_writer, struct err *err);
void tag_writer_free(struct tag_writer *writer);

/* The next page, from page 1 on. */
void tag_writer_page(struct tag_writer *writer, const uint8_t *page);

/* After the last one: 0 when the tags of all pages are in the file. */
int tag_writer_finish(struct tag_writer *writer, struct err *err);

#endif
