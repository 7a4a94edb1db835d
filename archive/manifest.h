/*
 * The manifest: what an archive says about itself, as one JSON object.
 *
 * Encoding is deterministic.  Decoding treats every byte as hostile: sizes are
 * bounded, every number is checked for its range, unknown fields are ignored,
 * an unknown format number or required feature is refused by name
 * (ERR_FAILED with a hint to upgrade), anything else that is wrong is
 * ERR_DAMAGED.  A decoded manifest is consistent in itself; whether it
 * describes the archive around it is for the reader to prove.
 */
#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/layout.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/sha256.h"

#define SNAPSHOT_ID_BYTES 17 /* 16 lower-case hex digits and a NUL */

#define MANIFEST_FULL "full"
#define MANIFEST_INCREMENT "increment"

/*
 * Databases in one archive.  While they are backed up each has two connections
 * with up to three descriptors, of the 1024 that a process usually has.
 */
enum { MANIFEST_DATABASES_MAX = 64 };

/* What the backup cost the database's other users. */
struct manifest_bill {
	bool known; /* false: the archive is from before this was noted */
	double pin_seconds; /* by the steady clock */
	double stall_seconds; /* of that, writers were stopped */
	uint64_t busy_retries; /* times a lock was waited for */
	uint64_t wal_frames_before; /* in the WAL, when it was pinned */
	uint64_t wal_frames_after; /* ... when the pin was released */
	/* By us afterwards, beside the application's commits; a checkpoint
	 * that is asked for comes after that. */
	uint64_t frames_written_back; /* 0: none */
	double write_back_seconds; /* a reader was held for it; 0: none was */
	uint64_t wal_bytes_at_end; /* ... and the WAL's size after that */
	char checkpoint_mode[12]; /* as asked for: "auto", "off", ... */
	bool checkpoint_done; /* the whole WAL was written back */
	char checkpoint_reason[400]; /* why not; may be empty when done */
};

struct manifest_database {
	char name[MEMBER_NAME_MAX + 1];
	char path[4096]; /* where it was; information only */
	uint32_t page_size; /* bytes */
	uint32_t page_count; /* pages, lock-byte page included */
	bool whole; /* in an increment: this one is stored full all the same */
	uint32_t pages_stored; /* in the archive; of a full: all of them */
	char encoding[12]; /* "UTF-8", "UTF-16le", "UTF-16be" */
	char journal_mode[12]; /* "wal" or "rollback": the file's */
	uint32_t application_id;
	uint32_t user_version;
	uint32_t uid, gid, mode; /* of the source; mode: 07777 only */
	/* Of the source, information only; inode 0: they are not told. */
	uint64_t device, inode;
	uint8_t root[SHA256_BYTES]; /* of the whole image */
	/* Of one that is stored as an increment: the same one's in the parent. */
	uint8_t parent_root[SHA256_BYTES];
	bool has_image_sha256;
	uint8_t image_sha256[SHA256_BYTES];
	/* Of the first page stored, in the tar stream; 0 if there is none. */
	uint64_t pages_offset;
	uint64_t sums_offset; /* of the first sum, in the tar stream */
	uint64_t wal_bytes_before; /* size of the -wal at the pin */
	uint64_t wal_bytes_after; /* ... when the pin was released */
	uint64_t frames_not_checkpointed; /* at the end of the pin */
	struct manifest_bill bill;
};

struct manifest {
	char id[SNAPSHOT_ID_BYTES];
	char set[MEMBER_NAME_MAX + 1];
	char kind[12]; /* MANIFEST_FULL or MANIFEST_INCREMENT */
	char parent[SNAPSHOT_ID_BYTES]; /* an increment's; of a full: "" */
	/* The parent's state; false where that is the only parent_root. */
	bool has_parent_state;
	uint8_t parent_state[SHA256_BYTES];
	int64_t pin_start_ms; /* wall clock, UTC */
	int64_t pin_end_ms;
	int64_t finished_ms; /* when the manifest was written */
	double pin_seconds; /* by the steady clock */
	char host[256];
	char tool[64]; /* "litesafe 0.1.0" */
	char sqlite[32]; /* the linked library's version */
	uint64_t stored_bytes; /* before the manifest's own frame */
	uint8_t stored_sha256[SHA256_BYTES]; /* of exactly those bytes */

	/*
	 * The databases, in the archive's order.  The first lies here, so that
	 * the manifest of one, as nearly all are, owns nothing.
	 */
	struct manifest_database database;
	struct manifest_database *more; /* the others; owned */
	size_t more_count;
};

bool manifest_is_increment(const struct manifest *manifest);

/* Whether only the changed pages of a database of it are stored. */
bool manifest_stores_increment(
    const struct manifest *manifest, const struct manifest_database *database);

/*
 * The databases: at least one, at most MANIFEST_DATABASES_MAX, in the archive's
 * order.  manifest_grow() gives a manifest of one room for `count`, zeroed.
 */
size_t manifest_count(const struct manifest *manifest);
const struct manifest_database *
manifest_at(const struct manifest *manifest, size_t index);
struct manifest_database *
manifest_edit(struct manifest *manifest, size_t index);
int manifest_grow(struct manifest *manifest, size_t count, struct err *err);

/* The database of that name and its index, or NULL. */
const struct manifest_database *manifest_find(
    const struct manifest *manifest, const char *name, size_t *ret_index);

/*
 * The same in another snapshot of the chain of one: a database that is alone
 * may have been called otherwise.
 */
const struct manifest_database *manifest_match(
    const struct manifest *manifest, const char *name, size_t *ret_index);

/*
 * The state of the set, in one digest: of a single database its root; of
 * several the SHA-256 of each one's name, a byte 0 and its root, in the order
 * of their names.  So a database that joins or leaves changes it, too.
 */
int manifest_state(const struct manifest *manifest,
    uint8_t ret_state[SHA256_BYTES], struct err *err);
/* That of the parent, as an increment states it. */
const uint8_t *manifest_parent_state(const struct manifest *manifest);

/* The copy owns its own; a manifest is moved by manifest_take(). */
int manifest_copy(const struct manifest *manifest, struct manifest *ret_copy,
    struct err *err);
struct manifest manifest_take(struct manifest *manifest);
void manifest_done(struct manifest *manifest);
void manifest_auto(struct manifest *manifest);

/* 16 random hex digits. */
int manifest_new_id(char ret_id[SNAPSHOT_ID_BYTES], struct err *err);

/* JSON text, indented for people, ends in '\n'; caller frees *ret_json. */
int manifest_encode(const struct manifest *manifest, char **ret_json,
    size_t *ret_len, struct err *err);

/* Freed with manifest_done(); after a failure *ret_manifest is untouched. */
int manifest_decode(const char *json, size_t len, struct manifest *ret_manifest,
    struct err *err);

/* Where in the tar stream the members of a database end, padding included. */
uint64_t manifest_end(
    const struct manifest *manifest, const struct manifest_database *database);

/*
 * The root: SHA-256 of the page size (4 bytes, little-endian), the page count
 * (8 bytes, little-endian) and all page sums in order.  This begins it: the
 * caller adds the sums and finishes.
 */
void manifest_root_begin(
    struct sha256 *stream, uint32_t page_size, uint32_t page_count);

#endif
