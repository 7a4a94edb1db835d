/*
 * Plain buffered writing to a nameless file, then reading it back in the same
 * pieces.  The room is asked for before the first page is read, because a full
 * disk found half-way would have stalled the application for nothing.
 */
#include "backup/spool.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/units.h"

struct spool {
	int fd;
	uint64_t flushed; /* bytes in the file */
	size_t pending; /* bytes in the buffer */
	char *name; /* for messages */
	uint8_t *buffer; /* NULL while it rests */
};

int
spool_new(const char *folder, uint64_t bytes, struct spool **ret_spool,
    struct err *err)
{
	AUTO(spool) struct spool *spool = calloc(1, sizeof(*spool));
	uint64_t room = 0;

	if (spool == NULL)
		return err_system(err, "make a spool");
	spool->fd = -1;
	if (asprintf(&spool->name, "a scratch file in %s", folder) < 0) {
		spool->name = NULL;
		return err_system(err, "make a spool");
	}
	if (file_scratch(folder, &spool->fd, err) < 0 ||
	    file_free_space(spool->fd, folder, &room, err) < 0)
		return -1;
	if (room < bytes) {
		char there[UNITS_TEXT_BYTES], needed[UNITS_TEXT_BYTES];

		units_format_size(room, there);
		units_format_size(bytes, needed);
		(void)err_set(err, ERR_NO_SPACE, 0,
		    "'%s' has %s free, a copy of the database needs %s", folder,
		    there, needed);
		return err_hint(err,
		    "a database without a WAL is first copied there, so that "
		    "its writers wait only for that; make room (see 'df -h'), "
		    "or put it in WAL mode, or write to a larger disk");
	}
	*ret_spool = take_ptr(&spool);
	return 0;
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL)
		return;
	fd_auto(&spool->fd);
	free(spool->buffer);
	free(spool->name);
	free(spool);
}

void
spool_auto(struct spool **place)
{
	spool_free(*place);
}

static int
need_buffer(struct spool *spool, struct err *err)
{
	if (spool->buffer == NULL)
		spool->buffer = malloc(SPOOL_BUFFER);
	return spool->buffer == NULL ? err_system(err, "fill %s", spool->name)
				     : 0;
}

static int
spool_flush(struct spool *spool, struct err *err)
{
	if (spool->pending == 0)
		return 0;
	if (file_write_at(spool->fd, spool->buffer, spool->pending,
		spool->flushed, spool->name, err) < 0)
		return -1;
	spool->flushed += spool->pending;
	spool->pending = 0;
	return 0;
}

int
spool_add(struct spool *spool, const uint8_t *page, uint32_t page_size,
    struct err *err)
{
	assert(page_size <= SPOOL_BUFFER);
	if (need_buffer(spool, err) < 0 ||
	    (spool->pending + page_size > SPOOL_BUFFER &&
		spool_flush(spool, err) < 0))
		return -1;
	memcpy(spool->buffer + spool->pending, page, page_size);
	spool->pending += page_size;
	return 0;
}

int
spool_rest(struct spool *spool, struct err *err)
{
	if (spool_flush(spool, err) < 0)
		return -1;
	free(take_ptr(&spool->buffer));
	return 0;
}

int
spool_replay(struct spool *spool, uint32_t page_size,
    int (*page)(void *ctx, const uint8_t *page, struct err *err), void *ctx,
    struct err *err)
{
	if (spool_flush(spool, err) < 0 || need_buffer(spool, err) < 0)
		return -1;
	for (uint64_t at = 0; at < spool->flushed;) {
		size_t got = 0;

		if (file_read_at(spool->fd, spool->buffer, SPOOL_BUFFER, at,
			spool->name, &got, err) < 0)
			return -1;
		if (got == 0 || got % page_size != 0)
			return err_set(err, ERR_FAILED, 0,
			    "'%s' ends at byte %llu of %llu", spool->name,
			    (unsigned long long)(at + got),
			    (unsigned long long)spool->flushed);
		for (size_t i = 0; i < got; i += page_size)
			if (page(ctx, spool->buffer + i, err) < 0)
				return -1;
		at += got;
	}
	return 0;
}
