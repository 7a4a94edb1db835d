/*
 * A sum goes on from frame to frame, so the frames that count are those from
 * the beginning up to the first whose salts or sum do not fit; of these, those
 * up to the last one that ends a transaction.
 *
 * The comparison goes from the last frame to the first: the first state of a
 * page that it meets is the newest.
 */
#include "database/wal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"
#include "database/family.h"

enum {
	wal_version = 3007000,
	page_max = 65536,
	frame_max = WAL_FRAME_HEADER_BYTES + page_max,
	pages_max = 1 << 28,
	frames_between_looks = 4096,
	/* Where each field of a frame's header lies. */
	at_page = 0,
	at_commit = 4, /* pages of the database, or 0: no commit */
	at_salts = 8,
	at_sum = 16,
	summed_bytes = 8, /* of a frame's header */
	at_change_counter = 24, /* in page one */
};

static void
add_to_sum(const uint8_t *bytes, size_t len, bool big_endian, uint32_t sum[2])
{
	for (size_t i = 0; i < len; i += 8) {
		const uint8_t *p = bytes + i;
		sum[0] += (big_endian ? get_be32(p) : get_le32(p)) + sum[1];
		sum[1] +=
		    (big_endian ? get_be32(p + 4) : get_le32(p + 4)) + sum[0];
	}
}

bool
wal_header_decode(
    const uint8_t bytes[WAL_HEADER_BYTES], struct wal_header *ret_header)
{
	uint32_t magic = get_be32(bytes);
	struct wal_header header = {
		.page_size = get_be32(bytes + 8),
		.big_endian = (magic & 1) != 0,
	};

	if ((magic & ~1U) != 0x377f0682 || get_be32(bytes + 4) != wal_version)
		return false;
	if (header.page_size < 512 || header.page_size > page_max ||
	    (header.page_size & (header.page_size - 1)) != 0)
		return false;
	add_to_sum(bytes, 24, header.big_endian, header.sum);
	if (header.sum[0] != get_be32(bytes + 24) ||
	    header.sum[1] != get_be32(bytes + 28))
		return false;
	memcpy(header.salts, bytes + 16, sizeof(header.salts));
	*ret_header = header;
	return true;
}

/* -1 in *ret_fd when there is no such file. */
static int
open_file(const char *path, int *ret_fd, uint64_t *ret_bytes, struct err *err)
{
	struct stat st;

	*ret_bytes = 0;
	*ret_fd = -1;
	/* Without O_NONBLOCK a FIFO of this name would hold us. */
	AUTO(fd)
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_system(err, "open '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(
		    err, ERR_INPUT, 0, "'%s' is not a regular file", path);
	*ret_bytes = (uint64_t)st.st_size;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
open_wal(const char *path, char ret_name[FAMILY_NAME_MAX], int *ret_fd,
    uint64_t *ret_bytes, struct err *err)
{
	if (snprintf(ret_name, FAMILY_NAME_MAX, "%s-wal", path) >=
	    FAMILY_NAME_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "path '%.100s...' is too long", path);
	return open_file(ret_name, ret_fd, ret_bytes, err);
}

static size_t
frame_bytes(const struct wal_file *wal)
{
	return WAL_FRAME_HEADER_BYTES + (size_t)wal->header.page_size;
}

static uint64_t
frame_offset(const struct wal_file *wal, uint64_t frame)
{
	return WAL_HEADER_BYTES + frame * frame_bytes(wal);
}

static int
is_asked_to_stop(const struct work *work, uint64_t frame, struct err *err)
{
	return frame % frames_between_looks == 0 ? work_check(work, err) : 0;
}

/* As walDecodeFrame() of SQLite's wal.c. */
static bool
frame_counts(
    const uint8_t *frame, const struct wal_header *header, uint32_t sum[2])
{
	if (memcmp(frame + at_salts, header->salts, sizeof(header->salts)) !=
		0 ||
	    get_be32(frame + at_page) == 0)
		return false;
	add_to_sum(frame, summed_bytes, header->big_endian, sum);
	add_to_sum(frame + WAL_FRAME_HEADER_BYTES, header->page_size,
	    header->big_endian, sum);
	return sum[0] == get_be32(frame + at_sum) &&
	       sum[1] == get_be32(frame + at_sum + 4);
}

static int
read_frames(int fd, const char *name, const struct work *work,
    struct wal_file *wal, struct err *err)
{
	AUTO(free) uint8_t *frame = malloc(frame_max);
	uint32_t sum[2] = { wal->header.sum[0], wal->header.sum[1] };

	if (frame == NULL)
		return err_system(err, "read '%s'", name);
	for (uint32_t i = 0; i < UINT32_MAX; i++) {
		size_t got = 0;

		if (is_asked_to_stop(work, i, err) < 0 ||
		    file_read_at(fd, frame, frame_bytes(wal),
			frame_offset(wal, i), name, &got, err) < 0)
			return -1;
		if (got < frame_bytes(wal) ||
		    !frame_counts(frame, &wal->header, sum))
			return 0;
		if (get_be32(frame + at_commit) == 0)
			continue;
		wal->frames = i + 1;
		wal->pages = get_be32(frame + at_commit);
	}
	return 0;
}

int
wal_file_read(const char *path, const struct work *work,
    struct wal_file *ret_wal, struct err *err)
{
	char name[FAMILY_NAME_MAX];
	uint8_t bytes[WAL_HEADER_BYTES];
	AUTO(fd) int fd = -1;
	size_t got = 0;

	*ret_wal = (struct wal_file){ .bytes = 0 };
	if (open_wal(path, name, &fd, &ret_wal->bytes, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (file_read_at(fd, bytes, sizeof(bytes), 0, name, &got, err) < 0)
		return -1;
	ret_wal->believed =
	    got == sizeof(bytes) && wal_header_decode(bytes, &ret_wal->header);
	return ret_wal->believed ? read_frames(fd, name, work, ret_wal, err)
				 : 0;
}

/* What wal_file_compare() has in its hands. */
struct comparison {
	const char *path;
	int main_fd, wal_fd;
	const struct wal_file *wal;
	uint64_t main_pages;
	uint64_t behind; /* pages seen that are behind the main file's end */
	uint8_t *seen; /* one bit for each page of the database */
	uint8_t *frame, *page;
	struct wal_fit *fit;
};

static bool
was_seen(const struct comparison *c, uint32_t page)
{
	return (c->seen[page / 8] & 1U << page % 8) != 0;
}

static int
compare_frame(struct comparison *c, uint32_t frame, struct err *err)
{
	size_t page_size = c->wal->header.page_size;
	const uint8_t *content = c->frame + WAL_FRAME_HEADER_BYTES;
	size_t got = 0;

	if (file_read_at(c->wal_fd, c->frame, frame_bytes(c->wal),
		frame_offset(c->wal, frame), c->path, &got, err) < 0)
		return -1;
	uint32_t number = get_be32(c->frame + at_page);
	/* Pages behind the end were cut off by a later commit. */
	if (got < frame_bytes(c->wal) || number == 0 ||
	    number > c->wal->pages || was_seen(c, number))
		return 0;
	c->seen[number / 8] |= (uint8_t)(1U << number % 8);
	c->behind += number > c->main_pages;
	if (file_read_at(c->main_fd, c->page, page_size,
		(uint64_t)(number - 1) * page_size, c->path, &got, err) < 0)
		return -1;
	if (got == page_size && memcmp(c->page, content, page_size) == 0)
		c->fit->same++;
	else
		c->fit->newer++;
	if (number == 1) {
		c->fit->has_page_one = true;
		c->fit->change_counter = get_be32(content + at_change_counter);
	}
	return 0;
}

static int
compare_all(struct comparison *c, const struct work *work, struct err *err)
{
	for (uint32_t i = c->wal->frames; i-- > 0;)
		if (is_asked_to_stop(work, i, err) < 0 ||
		    compare_frame(c, i, err) < 0)
			return -1;
	if (c->wal->pages > c->main_pages)
		c->fit->absent =
		    (uint32_t)(c->wal->pages - c->main_pages - c->behind);
	return 0;
}

int
wal_file_compare(const char *path, const struct wal_file *wal,
    const struct work *work, struct wal_fit *ret_fit, struct err *err)
{
	char name[FAMILY_NAME_MAX];
	AUTO(fd) int wal_fd = -1;
	AUTO(fd) int main_fd = -1;
	uint64_t wal_bytes = 0;
	uint64_t main_bytes = 0;

	*ret_fit = (struct wal_fit){ .same = 0 };
	if (wal->pages > pages_max)
		return err_set(err, ERR_FAILED, 0,
		    "the -wal of '%s' is of a database of %u pages, too many "
		    "to compare",
		    path, wal->pages);
	if (open_wal(path, name, &wal_fd, &wal_bytes, err) < 0 ||
	    open_file(path, &main_fd, &main_bytes, err) < 0)
		return -1;
	if (wal_fd < 0 || main_fd < 0)
		return err_set(err, ERR_INPUT, ENOENT,
		    "'%s' was renamed or deleted meanwhile",
		    wal_fd < 0 ? name : path);

	AUTO(free) uint8_t *seen = calloc(1, (size_t)wal->pages / 8 + 1);
	AUTO(free) uint8_t *frame = malloc(frame_max);
	AUTO(free) uint8_t *page = malloc(page_max);
	struct comparison c = {
		.path = path,
		.main_fd = main_fd,
		.wal_fd = wal_fd,
		.wal = wal,
		.main_pages = main_bytes / wal->header.page_size,
		.seen = seen,
		.frame = frame,
		.page = page,
		.fit = ret_fit,
	};
	if (seen == NULL || frame == NULL || page == NULL)
		return err_system(err, "compare '%s' with its -wal", path);
	return compare_all(&c, work, err);
}
