/*
 * The head is written twice, and the second copy first: whoever finds both
 * equal has one that was whole (walIndexTryHdr() in SQLite's wal.c).  The marks
 * behind it are single numbers that change one by one.
 */
#include "database/wal_marks.h"

#include <string.h>

enum {
	head_bytes = 48,
	version = 3007000,
	/* Numbers of 32-bit words in the machine's byte order. */
	at_version = 0,
	at_change = 2,
	at_frames = 4,
	at_pages = 5,
	at_checksum = 6,
	at_salts = 8,
	at_backfilled = 24,
	at_read_marks = 25,
	/* Bytes. */
	at_filled = 12,
	at_page_size = 14,
};

static uint32_t
word(const uint8_t *bytes, unsigned number)
{
	uint32_t value;

	memcpy(&value, bytes + (size_t)number * sizeof(value), sizeof(value));
	return value;
}

/* 65536 does not fit and is stored as 1. */
static uint32_t
page_size(const uint8_t *bytes)
{
	uint16_t stored;

	memcpy(&stored, bytes + at_page_size, sizeof(stored));
	return stored == 1 ? 65536 : stored;
}

void
wal_marks_decode(
    const uint8_t bytes[WAL_MARKS_BYTES], struct wal_marks *ret_marks)
{
	*ret_marks = (struct wal_marks){ .known = false };
	if (memcmp(bytes, bytes + head_bytes, head_bytes) != 0 ||
	    word(bytes, at_version) != version || bytes[at_filled] == 0)
		return;
	ret_marks->known = true;
	ret_marks->change = word(bytes, at_change);
	ret_marks->page_size = page_size(bytes);
	ret_marks->frames = word(bytes, at_frames);
	ret_marks->pages = word(bytes, at_pages);
	ret_marks->backfilled = word(bytes, at_backfilled);
	memcpy(ret_marks->salts, bytes + at_salts * sizeof(uint32_t),
	    sizeof(ret_marks->salts));
	for (unsigned i = 0; i < 2; i++)
		ret_marks->checksum[i] = word(bytes, at_checksum + i);
	for (unsigned i = 0; i < WAL_LOCK_MARKS; i++)
		ret_marks->read_mark[i] = word(bytes, at_read_marks + i);
}

bool
wal_marks_same_end(const struct wal_marks *a, const struct wal_marks *b)
{
	return a->change == b->change && a->page_size == b->page_size &&
	       a->frames == b->frames && a->pages == b->pages &&
	       memcmp(a->salts, b->salts, sizeof(a->salts)) == 0 &&
	       memcmp(a->checksum, b->checksum, sizeof(a->checksum)) == 0;
}

uint32_t
wal_marks_not_checkpointed(const struct wal_marks *marks)
{
	/* Others write: the second number may be of a later moment. */
	return marks->frames > marks->backfilled
		   ? marks->frames - marks->backfilled
		   : 0;
}

/*
 * How far a checkpoint comes while somebody reads at this mark.  No reader's
 * mark is below what was backfilled already; one that seems to be is of another
 * moment.
 */
static uint32_t
limit_of(const struct wal_marks *marks, unsigned mark)
{
	return mark == 0 || marks->read_mark[mark] < marks->backfilled
		   ? marks->backfilled
		   : marks->read_mark[mark];
}

/* Not who holds it exclusively: a checkpoint, or a mark that is being moved. */
static bool
is_read_at(const struct locks *locks, enum lock_name lock)
{
	for (const struct lock_holder *holder = NULL;
	     (holder = locks_next(locks, lock, holder)) != NULL;)
		if ((holder->shared & 1U << lock) != 0)
			return true;
	return false;
}

bool
wal_marks_starver(const struct wal_marks *marks, const struct locks *locks,
    enum lock_name *ret_lock, uint32_t *ret_frames)
{
	uint32_t least = marks->frames;

	for (unsigned i = 0; marks->known && i < WAL_LOCK_MARKS; i++) {
		enum lock_name lock = WAL_LOCK_READ_0 + i;
		if (limit_of(marks, i) >= least || !is_read_at(locks, lock))
			continue;
		least = limit_of(marks, i);
		*ret_lock = lock;
	}
	*ret_frames = marks->known ? marks->frames - least : 0;
	return *ret_frames > 0;
}
