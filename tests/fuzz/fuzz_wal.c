/*
 * Any bytes as a -wal beside a main file, and as the head of a -shm: read
 * within their bounds, and what is said of them holds together.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database/wal_file.h"
#include "database/wal_marks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static char path[64];

static void
write_file(const char *suffix, const uint8_t *bytes, size_t len)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert(fd >= 0);
	assert(write(fd, bytes, len) == (ssize_t)len);
	assert(close(fd) == 0);
}

static void
add_to_sum(const uint8_t *bytes, size_t len, uint32_t sum[2])
{
	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint32_t a, b;
		memcpy(&a, bytes + i, 4);
		memcpy(&b, bytes + i + 4, 4);
		sum[0] += __builtin_bswap32(a) + sum[1];
		sum[1] += __builtin_bswap32(b) + sum[0];
	}
}

static void
put_sum(uint8_t *place, const uint32_t sum[2])
{
	for (int i = 0; i < 2; i++) {
		uint32_t big = __builtin_bswap32(sum[i]);
		memcpy(place + (ptrdiff_t)i * 4, &big, 4);
	}
}

/* A header and frames that SQLite would believe, of what was given. */
static void
repair(uint8_t *wal, size_t len)
{
	static const uint8_t begin[] = { 0x37, 0x7f, 0x06, 0x83, 0x00, 0x2d,
		0xe2, 0x18, 0, 0, 2, 0 };
	uint32_t sum[2] = { 0, 0 };

	if (len < WAL_HEADER_BYTES)
		return;
	memcpy(wal, begin, sizeof(begin));
	add_to_sum(wal, 24, sum);
	put_sum(wal + 24, sum);
	for (size_t at = WAL_HEADER_BYTES; at + 536 <= len; at += 536) {
		memcpy(wal + at + 8, wal + 16, 8);
		add_to_sum(wal + at, 8, sum);
		add_to_sum(wal + at + 24, 512, sum);
		put_sum(wal + at + 16, sum);
	}
}

static void
look(void)
{
	struct wal_file wal;
	struct wal_fit fit;
	struct err err = { 0 };

	assert(wal_file_read(path, NULL, &wal, &err) == 0);
	assert(wal.believed || wal.frames == 0);
	if (!wal.believed || wal.frames == 0)
		return;
	assert(WAL_HEADER_BYTES +
		   (uint64_t)wal.frames *
		       (wal.header.page_size + WAL_FRAME_HEADER_BYTES) <=
	       wal.bytes);
	if (wal_file_compare(path, &wal, NULL, &fit, &err) < 0) {
		assert(err.kind == ERR_FAILED);
		return;
	}
	assert(fit.same + fit.newer <= wal.frames);
	assert(fit.absent <= wal.pages);
}

static void
tidy(void)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "%s-wal", path);
	(void)unlink(name);
	(void)unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t copy[1 << 16];
	struct wal_marks marks;
	uint8_t head[WAL_MARKS_BYTES] = { 0 };

	if (path[0] == '\0') {
		(void)snprintf(path, sizeof(path), "/tmp/litesafe-fuzz-%ld",
		    (long)getpid());
		(void)atexit(tidy);
		write_file("", (const uint8_t *)"SQLite format 3", 16);
	}
	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(head, bytes, len < sizeof(head) ? len : sizeof(head));
	wal_marks_decode(head, &marks);
	assert(wal_marks_not_checkpointed(&marks) <= marks.frames);

	write_file("-wal", bytes, len);
	look();
	memcpy(copy, bytes, len);
	repair(copy, len);
	write_file("-wal", copy, len);
	look();
	return 0;
}
