/*
 * Columns that stand below each other, so that a list can be read down as well
 * as across.
 */
#include "command/listing.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/units.h"
#include "command/report.h"

static const struct {
	enum snapshot_fault fault;
	const char *words;
} fault_words[] = {
	{ SNAPSHOT_BAD_MANIFEST, "manifest cannot be read or believed" },
	{ SNAPSHOT_NO_ARCHIVE, "archive is missing" },
	{ SNAPSHOT_BAD_SIZE, "archive has the wrong size" },
	{ SNAPSHOT_NO_PARENT, "parent is missing or another" },
	{ SNAPSHOT_BAD_ANCESTOR, "an ancestor is not good" },
	{ SNAPSHOT_BAD_ARCHIVE, "archive is damaged" },
};

enum { FAULTS = sizeof(fault_words) / sizeof(fault_words[0]) };

void
listing_time(int64_t ms, char ret_text[LISTING_TIME_BYTES])
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(ms, text);
	(void)snprintf(ret_text, LISTING_TIME_BYTES, "%.19sZ", text);
}

void
listing_faults(unsigned faults, char ret_text[LISTING_FAULTS_BYTES])
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < FAULTS; i++) {
		if ((faults & (unsigned)fault_words[i].fault) == 0)
			continue;
		int added = snprintf(ret_text + len, LISTING_FAULTS_BYTES - len,
		    "%s%s", len == 0 ? "" : ", ", fault_words[i].words);
		len += added < 0 ? 0 : (size_t)added;
	}
}

void
listing_line(struct say *say, const struct snapshot *snapshot, const char *tail)
{
	char time[LISTING_TIME_BYTES], size[UNITS_TEXT_BYTES];
	const char *gap = tail == NULL ? "" : "  ";

	if (tail == NULL)
		tail = "";
	if ((snapshot->faults & SNAPSHOT_BAD_MANIFEST) != 0) {
		say_line(say, "%s%s%s", snapshot->name, gap, tail);
		return;
	}
	listing_time(snapshot->time_ms, time);
	units_format_size(snapshot->archive_bytes, size);
	/* "page" is as wide as "pages" only where something follows. */
	say_line(say, "%s  %s  %-9s  %10s  %8llu page%-*s%s%s", snapshot->id,
	    time, snapshot->full ? MANIFEST_FULL : MANIFEST_INCREMENT, size,
	    (unsigned long long)snapshot->pages_stored, gap[0] == '\0' ? 0 : 1,
	    snapshot->pages_stored == 1 ? "" : "s", gap, tail);
}

static void
put_faults(struct json *json, unsigned faults)
{
	json_open_array(json, "faults");
	for (size_t i = 0; i < FAULTS; i++) {
		if ((faults & (unsigned)fault_words[i].fault) != 0)
			json_put_text(json, NULL, fault_words[i].words);
	}
	json_close(json);
}

static void
begin_unreadable(struct json *json, struct say *say,
    const struct listing *listing, const struct err *err)
{
	json_begin(json, say->out);
	json_put_text(json, "type", "snapshot");
	json_put_text(json, "set", listing->catalog->set);
	json_put_text(json, "id",
	    listing->snapshot->id[0] == '\0' ? NULL : listing->snapshot->id);
	json_put_text(json, "error", err->text);
}

void
listing_json(struct json *json, struct say *say, const struct listing *listing)
{
	const struct snapshot *snapshot = listing->snapshot;
	char archive[PATH_MAX];
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;
	struct err err;

	if (catalog_manifest(
		listing->catalog, snapshot, &manifest, &file, &err) < 0) {
		begin_unreadable(json, say, listing, &err);
	} else {
		catalog_path(listing->catalog, snapshot, SNAPSHOT_ARCHIVE,
		    archive, sizeof(archive));
		const struct report_snapshot report = {
			.manifest = &manifest,
			.archive = archive,
			.archive_bytes = file.bytes,
			.verified =
			    checks_passed(listing->checks, snapshot->id),
			.kept = snapshot->pinned ? "pinned" : NULL,
		};
		report_snapshot(json, say, &report);
	}
	json_put_text(json, "name", snapshot->name);
	json_put_bool(json, "pinned", snapshot->pinned);
	put_faults(json, snapshot->faults);
	checks_json(json, listing->checks, snapshot->id);
}
