/*
 * In the order of a reader's interest: which state, how large, made by whom;
 * with -v also where in the archive what is.
 */
#include "command/show_manifest.h"

#include "base/clock.h"
#include "base/units.h"
#include "command/report.h"

static void
show_snapshot(struct say *say, const struct manifest *m, uint64_t archive_bytes)
{
	const struct report_totals totals = report_totals(m);
	char time[CLOCK_TEXT_BYTES], text[UNITS_TEXT_BYTES];

	clock_format(m->pin_start_ms, time);
	say_line(say, "set             %s", m->set);
	say_line(say, "snapshot        %s (%s)", m->id, m->kind);
	if (m->parent[0] != '\0')
		say_line(say, "  changes since %s: %llu page%s", m->parent,
		    (unsigned long long)totals.pages_stored,
		    totals.pages_stored == 1 ? "" : "s");
	say_line(say, "state of        %s", time);
	units_format_duration(m->pin_seconds, text);
	say_line(say, "pinned for      %s", text);
	units_format_size(archive_bytes, text);
	say_line(say, "archive         %s (%llu bytes)", text,
	    (unsigned long long)archive_bytes);
	say_line(say, "made by         %s, SQLite %s, on %s", m->tool,
	    m->sqlite, m->host);
}

static void
show_bill(struct say *say, const struct manifest_bill *bill)
{
	char stall[UNITS_TEXT_BYTES];

	if (!bill->known)
		return;
	if (bill->stall_seconds > 0) {
		units_format_duration(bill->stall_seconds, stall);
		say_line(say, "  stall         %s", stall);
	}
	say_line(say, "  checkpoint    %s%s%s%s",
	    bill->checkpoint_done ? bill->checkpoint_mode : "none",
	    bill->checkpoint_done ? ": done" : "",
	    bill->checkpoint_reason[0] == '\0' ? "" : ": ",
	    bill->checkpoint_reason);
}

static void
show_database(struct say *say, const struct manifest *m,
    const struct manifest_database *db)
{
	char text[UNITS_TEXT_BYTES], after[UNITS_TEXT_BYTES],
	    sum[SHA256_TEXT_BYTES];

	say_line(say, "database        %s", db->name);
	say_line(say, "  was at        %s", db->path);
	units_format_size(report_raw_bytes(db), text);
	say_line(say, "  size          %s (%u page%s of %u bytes)", text,
	    db->page_count, db->page_count == 1 ? "" : "s", db->page_size);
	if (manifest_count(m) > 1 && manifest_is_increment(m))
		say_line(say, "  stored        %u page%s%s", db->pages_stored,
		    db->pages_stored == 1 ? "" : "s",
		    db->whole ? ", all of it" : "");
	say_line(say, "  journal mode  %s", db->journal_mode);
	say_line(say, "  encoding      %s", db->encoding);
	say_line(say, "  user_version  %u, application_id %u", db->user_version,
	    db->application_id);
	say_line(
	    say, "  owner, mode   %u:%u, %04o", db->uid, db->gid, db->mode);
	if (db->inode != 0)
		say_detail(say, "  file          inode %llu of device %llu",
		    (unsigned long long)db->inode,
		    (unsigned long long)db->device);
	units_format_size(db->wal_bytes_before, text);
	units_format_size(db->wal_bytes_after, after);
	say_line(say, "  WAL           %s, then %s", text, after);
	show_bill(say, &db->bill);
	sha256_format(db->root, sum);
	say_line(say, "  root          %s", sum);
	if (db->has_image_sha256) {
		sha256_format(db->image_sha256, sum);
		say_line(say, "  SHA-256       %s", sum);
	}
	say_detail(say, "  not yet in it %llu WAL frames at the end of the pin",
	    (unsigned long long)db->frames_not_checkpointed);
	say_detail(say, "  in the tar    pages at byte %llu, sums at byte %llu",
	    (unsigned long long)db->pages_offset,
	    (unsigned long long)db->sums_offset);
}

static void
show_details(struct say *say, const struct manifest *m)
{
	char time[CLOCK_TEXT_BYTES], sum[SHA256_TEXT_BYTES];

	clock_format(m->pin_end_ms, time);
	say_detail(say, "pin released    %s", time);
	clock_format(m->finished_ms, time);
	say_detail(say, "finished        %s", time);
	sha256_format(m->stored_sha256, sum);
	say_detail(say,
	    "stored          %llu bytes before the manifest, "
	    "SHA-256 %s",
	    (unsigned long long)m->stored_bytes, sum);
}

void
show_manifest(
    struct say *say, const struct manifest *manifest, uint64_t archive_bytes)
{
	show_snapshot(say, manifest, archive_bytes);
	for (size_t i = 0; i < manifest_count(manifest); i++)
		show_database(say, manifest, manifest_at(manifest, i));
	show_details(say, manifest);
}
