/*
 * Evidence that a database is still what it was, without reading it: what is
 * known of a pinned state from outside, and the rule that compares two of these.
 *
 * In:  the facts of a state whose pages were read once, and the facts now, both
 *      taken under a read transaction of ours.
 * Out: that nothing was changed in between, or the reason to doubt it.
 * Always true: whatever is not known, not the same, or too close in time to be
 *      told apart is a doubt, and a doubt costs a scan and nothing else.
 * The rule is a function of its arguments alone.  What it rests on stands in
 * DESIGN.md, "Unchanged in no time".
 * next: database/evidence_take.h, database/evidence_text.h
 */
#ifndef DATABASE_EVIDENCE_H
#define DATABASE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

enum { EVIDENCE_BOOT_BYTES = 37 }; /* a UUID as text, and its NUL */

/* A file as stat() tells; times in nanoseconds since 1970, of its filesystem. */
struct evidence_file {
	uint64_t dev, ino, links, bytes;
	int64_t modified_ns, changed_ns;
};

/* Facts of one pinned state. */
struct evidence {
	char boot[EVIDENCE_BOOT_BYTES]; /* id of this run of the kernel */
	int64_t time_ns; /* wall clock, before the files were looked at */
	int64_t clock_ns; /* wall clock less the time since the start of the
			   * kernel: moves only when somebody sets the clock */
	bool local; /* a filesystem whose ctime can be relied on */
	bool wal; /* pinned through the WAL */
	uint32_t page_size, page_count;
	uint8_t page_one[SHA256_BYTES];
	struct evidence_file main;

	/* What identifies the content of the WAL, when pinned through it. */
	uint32_t frames; /* 0: all of the state is in the main file */
	uint32_t salt[2], checksum[2]; /* as SQLite has them in memory; zeros
					* without frames */
	struct evidence_file log; /* the -wal; zeros without frames */
};

/* The state that was read, and how far its evidence was trusted since. */
struct evidence_past {
	struct evidence facts;
	int64_t scanned_ns; /* when its pages were last read: wall clock */
	uint64_t times; /* it was believed without reading them since */
};

struct evidence_rule {
	int64_t margin_ns; /* a file must have been left alone for so long
			    * before a state of it was read */
	int64_t clock_step_ns; /* a larger one is noticed; below the margin */
	int64_t scan_every_ns; /* read everything at least so often */
	uint64_t scan_every_times; /* ... and after so many times without */
};

extern const struct evidence_rule evidence_usual;

/* NULL when the state is the same, else why that is not sure: "because ...". */
const char *evidence_doubt(const struct evidence_past *then,
    const struct evidence *now, const struct evidence_rule *rule);

#endif
