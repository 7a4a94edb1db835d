/*
 * The catalog: all snapshots of one set, as their manifests tell, in order of
 * their time; which of them are whole; and what else lies in the folder.
 *
 * In:  a set's folder.
 * Out: one entry for each manifest, and one for each archive without one.
 * Always true: a manifest is believed only when its own checksum is right (its
 *      second line), it names this set, and its file has the name that it must
 *      have.  A listing that failed is an error, never a short list.
 * Archives are not opened: their size alone is compared.  Memory: about 300
 * bytes for each snapshot; at most CATALOG_MAX of them.  One thread.
 */
#ifndef REPOSITORY_CATALOG_H
#define REPOSITORY_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/quote.h"
#include "repository/repository.h"
#include "repository/set_listing.h"
#include "repository/snapshot_name.h"

enum { CATALOG_MAX = 1000000 };

/* Of one snapshot: what is wrong with it in the listing.  Any of it: not good. */
enum snapshot_fault {
	SNAPSHOT_GOOD = 0,
	SNAPSHOT_BAD_MANIFEST = 1 << 0, /* cannot be read or believed, or two
					 * have the same id; only `name` is
					 * known then, and the time and kind
					 * that it tells */
	SNAPSHOT_NO_ARCHIVE = 1 << 1,
	SNAPSHOT_BAD_SIZE = 1 << 2, /* of the archive */
	SNAPSHOT_NO_PARENT = 1 << 3, /* the parent's manifest is not there, is
				      * bad, not older, or has another state
				      * than the increment was made against */
	SNAPSHOT_BAD_ANCESTOR = 1
				<< 4, /* good itself, but an ancestor is not */
	SNAPSHOT_BAD_ARCHIVE = 1 << 5, /* set by who read it: the listing does
					* not open archives */
};

struct snapshot {
	char id[SNAPSHOT_ID_BYTES];
	char parent[SNAPSHOT_ID_BYTES]; /* "" for a full */
	char name[SNAPSHOT_NAME_BYTES]; /* of its files, without suffix */
	bool full;
	bool pinned;
	bool condemned; /* only in a catalog_read_condemned() */
	unsigned faults; /* enum snapshot_fault */
	int64_t time_ms; /* the state's: start of the pin, UTC */
	int64_t stored_ms; /* mtime of the manifest: the storage's clock */
	uint64_t archive_bytes; /* as its manifest says */
	uint32_t page_size; /* 0: several databases */
	uint64_t page_count, image_bytes, pages_stored; /* of all of them */
	uint8_t state[SHA256_BYTES]; /* manifest_state() */
	uint8_t parent_state[SHA256_BYTES]; /* an increment's */
	size_t parent_at; /* index, or SNAPSHOT_NONE */
	size_t chain; /* index of the full that it descends from, or
		       * SNAPSHOT_NONE when that cannot be known */
};

#define SNAPSHOT_NONE SIZE_MAX

/* A file that belongs to no snapshot. */
struct orphan {
	char file[LISTED_FILE_BYTES];
	enum snapshot_file kind; /* archive, pin, condemned or draft */
	int64_t stored_ms; /* mtime */
	uint64_t bytes;
};

struct catalog {
	char folder[PATH_MAX]; /* the set's */
	char set[MEMBER_NAME_MAX + 1];
	struct snapshot *list; /* by time, then id */
	size_t count;
	struct orphan *orphans; /* by name */
	size_t orphan_count;
	uint64_t foreign; /* files that are none of ours */
};

/*
 * ERR_ABSENT when there is no such set (with the nearest name as hint),
 * ERR_REFUSED when a part of the way to it is a symlink or no folder.  A
 * catalog is freed with catalog_done().
 */
int catalog_read(const struct repository *repository, const char *set,
    struct catalog *ret_catalog, struct err *err);

/*
 * The same as prune sees it: a condemned manifest that can be read is a
 * snapshot, marked `condemned`, and counts as a parent.
 */
int catalog_read_condemned(const struct repository *repository, const char *set,
    struct catalog *ret_catalog, struct err *err);

void catalog_done(struct catalog *catalog);
void catalog_auto(struct catalog *catalog);

/*
 * A snapshot by id or a unique beginning of one (at least 4 digits), by its
 * name, or "latest": the newest that is good.  ERR_ABSENT, ERR_USAGE for an
 * ambiguous beginning (both are named).
 */
int catalog_find(const struct catalog *catalog, const char *text,
    size_t *ret_at, struct err *err);

/*
 * The newest at or before a time; ERR_ABSENT when there is none, and the
 * hint tells the time of the oldest.  Bad ones count, too: who asks for a
 * time gets an answer about that time.
 */
int catalog_at_time(const struct catalog *catalog, int64_t time_ms,
    size_t *ret_at, struct err *err);

/* The newest good one at all, or before `at`; SNAPSHOT_NONE when there is none. */
size_t catalog_newest_good(const struct catalog *catalog);
size_t catalog_good_before(const struct catalog *catalog, size_t at);

/* Where the same snapshot is in another reading; SNAPSHOT_NONE. */
size_t
catalog_index(const struct catalog *catalog, const struct snapshot *snapshot);

/*
 * "litesafe VERB -r REPOSITORY SET", to be pasted; a hint has room for it and
 * 200 bytes.
 */
struct catalog_command {
	char text[2 * QUOTE_WORD_BYTES + 40];
};
struct catalog_command
catalog_command(const struct catalog *catalog, const char *verb);

/* What the first fault is, for "snapshot 'NAME' ...": "has no archive". */
const char *catalog_fault_words(unsigned faults);

/* "FOLDER/NAME.tar.zst" and so on; `size` is that of ret_path. */
void
catalog_path(const struct catalog *catalog, const struct snapshot *snapshot,
    enum snapshot_file file, char *ret_path, size_t size);

/* Reads a snapshot's whole manifest, which is believed or ERR_DAMAGED. */
int catalog_manifest(const struct catalog *catalog,
    const struct snapshot *snapshot, struct manifest *ret_manifest,
    struct stored_file *ret_file, struct err *err);

/*
 * -1, and why a snapshot has SNAPSHOT_BAD_MANIFEST: ERR_DAMAGED only when what
 * is stored is wrong, and not, say, when we may not read it or are too old.
 */
int catalog_bad_manifest(const struct catalog *catalog,
    const struct snapshot *snapshot, struct err *err);

#endif
