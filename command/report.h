/*
 * What several commands report alike.  The fields are those of litesafe(1),
 * JSON OUTPUT: fields may be added, none ever changes its meaning.
 */
#ifndef COMMAND_REPORT_H
#define COMMAND_REPORT_H

#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "command/command.h"
#include "command/json.h"
#include "database/findings.h"

/* A snapshot, and what the manifest cannot know of it. */
struct report_snapshot {
	const struct manifest *manifest;
	const char *archive; /* path as given */
	uint64_t archive_bytes;
	const char *verified; /* none, stored, restore */
	const char *kept; /* why it is never pruned; NULL: not known */
};

/* {"type":"snapshot",...}: begun, for the caller to add to and to end. */
void report_snapshot(
    struct json *json, struct say *say, const struct report_snapshot *snapshot);

/* What a backup cost a database: fields of the object that is begun. */
void report_bill(struct json *json, const struct manifest_database *database);

/* Pages that left the database in a second of the pin; 0: unknown. */
double report_page_rate(const struct manifest_database *database);

/* Bytes of its WAL when we had let go of all of it. */
uint64_t report_wal_end(const struct manifest_database *database);

/* Bytes of the database itself, however many of them the archive holds. */
uint64_t report_raw_bytes(const struct manifest_database *database);

/* Of all databases of a snapshot: what they are, and what its archive has. */
struct report_totals {
	uint64_t pages, bytes;
	uint64_t pages_stored,
	    bytes_stored; /* bytes: of pages, not compressed */
};
struct report_totals report_totals(const struct manifest *manifest);

/* The first finding of that kind, with its object, in words; there is one. */
struct report_words {
	char text[800];
};
struct report_words
report_first(const struct findings *findings, enum finding_kind kind);

/* Below a line of the result, indented; and as "findings":[...]. */
void report_findings(struct say *say, const struct findings *findings);
void report_findings_json(struct json *json, const struct findings *findings);

/*
 * The end of the run: the error if it was not told yet, the summary, the exit
 * code.
 */
int report_end(struct session *session, int rc, struct err *err);

#endif
