/*
 * The head of a wal-index, which is what a -shm holds
 * (sqlite.org/walformat.html 2.1 and 2.2): how far the WAL is written, how far
 * it was taken into the main file, and from where in it others read.
 */
#ifndef DATABASE_WAL_MARKS_H
#define DATABASE_WAL_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "database/locks.h"

/* The part of the -shm that wal_marks_decode() looks at. */
enum { WAL_MARKS_BYTES = 136, WAL_MARK_UNUSED = UINT32_MAX };

/*
 * Numbers of frames count from the beginning of the WAL; 0 is "none".  A mark
 * means something only while its WAL_LOCK_READ_n is held, else it is what some
 * reader left behind.
 */
struct wal_marks {
	bool known; /* false: there is no index, or nobody has filled it yet */
	uint32_t
	    change; /* moves with each commit; begins anew after recovery */
	uint32_t page_size;
	uint32_t frames; /* committed frames in the WAL (mxFrame) */
	uint32_t pages; /* size of the database, in pages */
	uint32_t backfilled; /* frames of them in the main file (nBackfill) */
	uint8_t salts[8]; /* as in the header of the -wal */
	uint32_t checksum[2]; /* over all frames of the WAL so far */
	uint32_t read_mark[WAL_LOCK_MARKS]; /* or WAL_MARK_UNUSED */
};

/*
 * From the first bytes of a -shm, in this machine's byte order.  Not `known`
 * when it is not filled, is of another version, or was read while it changed:
 * then the caller may read it again.
 */
void wal_marks_decode(
    const uint8_t bytes[WAL_MARKS_BYTES], struct wal_marks *ret_marks);

/* No commit lies between the two. */
bool wal_marks_same_end(const struct wal_marks *a, const struct wal_marks *b);

/* Frames that are not yet in the main file. */
uint32_t wal_marks_not_checkpointed(const struct wal_marks *marks);

/*
 * Which held read lock lets a checkpoint come the least far, if one keeps it
 * from the end of the WAL: true, the lock, and the number of frames that it
 * keeps from being checkpointed.  A reader at READ_0 reads the main file, so
 * with it nothing more may be written there at all; it is in the way only while
 * something is left to write.  Who holds the lock: locks_next().
 * The two arguments may be of slightly different moments; what is said of a
 * busy database with short readers is worth something only when a second look
 * says it too.
 */
bool wal_marks_starver(const struct wal_marks *marks, const struct locks *locks,
    enum lock_name *ret_lock, uint32_t *ret_frames);

#endif
