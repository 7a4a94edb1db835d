/*
 * From struct to JSON.  Keys are written in one fixed order and numbers in one
 * form, so that the same manifest is the same bytes everywhere.
 *
 * What is encoded is decoded again before anyone gets it: an archive is never
 * stored with a manifest that its own reader would refuse.
 */
#include "archive/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "archive/field.h"
#include "base/auto.h"

/* 15 digits: every decimal fraction comes out as it was written. */
static const size_t dump_flags = JSON_INDENT(2) | JSON_REAL_PRECISION(15);

/*
 * The put_... functions: 0, or -1 when there is no memory or the value cannot
 * be JSON.  json_object_set_new() takes the value, also when it fails or the
 * value is NULL.
 */
static int
put_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, json_string(text));
}

static int
put_number(json_t *object, const char *key, uint64_t number)
{
	if (number > INT64_MAX)
		return -1;
	return json_object_set_new(
	    object, key, json_integer((json_int_t)number));
}

static int
put_time(json_t *object, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(ms, text);
	return put_text(object, key, text);
}

static int
put_sha256(json_t *object, const char *key, const uint8_t digest[SHA256_BYTES])
{
	char text[SHA256_TEXT_BYTES];

	sha256_format(digest, text);
	return put_text(object, key, text);
}

static int
put_mode(json_t *object, const char *key, uint32_t mode)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "%04o", mode);
	return put_text(object, key, text);
}

/* To the microsecond: more digits would only be noise to read. */
static int
put_seconds(json_t *object, const char *key, double seconds)
{
	if (!(seconds >= 0 && seconds < 1e12))
		return -1;
	double whole = (double)(int64_t)(seconds * 1e6 + 0.5) / 1e6;
	return json_object_set_new(object, key, json_real(whole));
}

/* What tells of the parent: text, or null where there is none. */
static int
put_parent(json_t *object, const struct manifest *m)
{
	if (!manifest_is_increment(m))
		return json_object_set_new(object, "parent", json_null());
	if (put_text(object, "parent", m->parent) < 0)
		return -1;
	return m->has_parent_state
		   ? put_sha256(object, "parent_state", m->parent_state)
		   : 0;
}

/* Only where it is not the snapshot's. */
static int
put_kind(json_t *object, const struct manifest_database *db)
{
	return db->whole ? put_text(object, "kind", MANIFEST_FULL) : 0;
}

static int
put_checkpoint(json_t *object, const struct manifest_bill *bill)
{
	json_t *checkpoint = json_object();

	if (json_object_set_new(object, "checkpoint", checkpoint) < 0 ||
	    put_text(checkpoint, "mode", bill->checkpoint_mode) < 0 ||
	    json_object_set_new(
		checkpoint, "done", json_boolean(bill->checkpoint_done)) < 0)
		return -1;
	return put_text(checkpoint, "reason", bill->checkpoint_reason);
}

static int
put_bill(json_t *object, const struct manifest_bill *bill)
{
	if (!bill->known)
		return 0;
	if (put_seconds(object, "pin_seconds", bill->pin_seconds) < 0 ||
	    put_seconds(object, "stall_seconds", bill->stall_seconds) < 0 ||
	    put_number(object, "busy_retries", bill->busy_retries) < 0 ||
	    put_number(object, "wal_frames_before", bill->wal_frames_before) <
		0 ||
	    put_number(object, "wal_frames_after", bill->wal_frames_after) < 0)
		return -1;
	if (bill->frames_written_back > 0 &&
	    put_number(
		object, "frames_written_back", bill->frames_written_back) < 0)
		return -1;
	if (bill->write_back_seconds > 0 &&
	    (put_seconds(
		 object, "write_back_seconds", bill->write_back_seconds) < 0 ||
		put_number(object, "wal_bytes_at_end", bill->wal_bytes_at_end) <
		    0))
		return -1;
	return put_checkpoint(object, bill);
}

/* As stat() told them, where that fits a number. */
static int
put_file(json_t *object, const struct manifest_database *db)
{
	if (db->inode == 0 || db->inode > INT64_MAX || db->device > INT64_MAX)
		return 0;
	return put_number(object, "device", db->device) < 0
		   ? -1
		   : put_number(object, "inode", db->inode);
}

static int
put_database(json_t *object, const struct manifest_database *db, bool increment)
{
	if (put_text(object, "name", db->name) < 0 ||
	    put_kind(object, db) < 0 ||
	    put_text(object, "path", db->path) < 0 ||
	    put_number(object, "page_size", db->page_size) < 0 ||
	    put_number(object, "page_count", db->page_count) < 0 ||
	    put_number(object, "pages_stored", db->pages_stored) < 0 ||
	    put_text(object, "encoding", db->encoding) < 0 ||
	    put_text(object, "journal_mode", db->journal_mode) < 0 ||
	    put_number(object, "application_id", db->application_id) < 0 ||
	    put_number(object, "user_version", db->user_version) < 0 ||
	    put_number(object, "uid", db->uid) < 0 ||
	    put_number(object, "gid", db->gid) < 0 ||
	    put_mode(object, "mode", db->mode) < 0 ||
	    put_file(object, db) < 0 ||
	    put_sha256(object, "root", db->root) < 0)
		return -1;
	if (increment && put_sha256(object, "parent_root", db->parent_root) < 0)
		return -1;
	if (db->has_image_sha256 &&
	    put_sha256(object, "image_sha256", db->image_sha256) < 0)
		return -1;
	if (put_number(object, increment ? "pages_offset" : "image_offset",
		db->pages_offset) < 0 ||
	    put_number(object, "sums_offset", db->sums_offset) < 0 ||
	    put_number(object, "wal_bytes_before", db->wal_bytes_before) < 0 ||
	    put_number(object, "wal_bytes_after", db->wal_bytes_after) < 0 ||
	    put_number(object, "frames_not_checkpointed",
		db->frames_not_checkpointed) < 0)
		return -1;
	return put_bill(object, &db->bill);
}

static int
add_database(json_t *list, const struct manifest *m, size_t index)
{
	json_t *database = json_object();

	/* It belongs to the list. */
	if (json_array_append_new(list, database) < 0)
		return -1;
	const struct manifest_database *db = manifest_at(m, index);
	return put_database(database, db, manifest_stores_increment(m, db));
}

static int
put_databases(json_t *object, const struct manifest *m)
{
	json_t *list = json_array();

	/* The list belongs to the object. */
	if (json_object_set_new(object, "databases", list) < 0)
		return -1;
	for (size_t i = 0; i < manifest_count(m); i++)
		if (add_database(list, m, i) < 0)
			return -1;
	return 0;
}

static int
put_manifest(json_t *object, const struct manifest *m)
{
	if (put_number(object, "litesafe_format", ARCHIVE_FORMAT) < 0 ||
	    json_object_set_new(object, "features", json_array()) < 0 ||
	    put_text(object, "id", m->id) < 0 ||
	    put_text(object, "kind", m->kind) < 0 ||
	    put_parent(object, m) < 0 || put_text(object, "set", m->set) < 0 ||
	    put_time(object, "pin_start", m->pin_start_ms) < 0 ||
	    put_time(object, "pin_end", m->pin_end_ms) < 0 ||
	    put_time(object, "finished", m->finished_ms) < 0 ||
	    put_seconds(object, "pin_seconds", m->pin_seconds) < 0 ||
	    put_text(object, "host", m->host) < 0 ||
	    put_text(object, "tool", m->tool) < 0 ||
	    put_text(object, "sqlite", m->sqlite) < 0 ||
	    put_number(object, "stored_bytes", m->stored_bytes) < 0 ||
	    put_sha256(object, "stored_sha256", m->stored_sha256) < 0)
		return -1;
	return put_databases(object, m);
}

/* The reader's rules are the writer's rules. */
static int
check_readable(const char *json, size_t len, struct err *err)
{
	AUTO(manifest) struct manifest again = { 0 };

	if (manifest_decode(json, len, &again, err) < 0) {
		err->kind = ERR_FAILED;
		return err_within(err, "this manifest could not be read again");
	}
	return 0;
}

int
manifest_encode(const struct manifest *manifest, char **ret_json,
    size_t *ret_len, struct err *err)
{
	AUTO(json) json_t *object = json_object();

	if (put_manifest(object, manifest) < 0)
		return err_set(err, ERR_FAILED, 0,
		    "the manifest cannot be made: no memory, or a value in it "
		    "is not UTF-8 text or a number that JSON can hold");
	AUTO(free) char *text = json_dumps(object, dump_flags);
	AUTO(free) char *json = NULL;
	int len = text == NULL ? -1 : asprintf(&json, "%s\n", text);
	if (len < 0) {
		json = NULL;
		return err_set(err, ERR_FAILED, 0,
		    "no memory for the text of the manifest");
	}
	if (check_readable(json, (size_t)len, err) < 0)
		return -1;
	*ret_json = take_ptr(&json);
	*ret_len = (size_t)len;
	return 0;
}
