/*
 * From hostile JSON to struct: field by field, each with its type and range,
 * and what must follow from the fields before it.
 */
#include "archive/manifest.h"

#include <string.h>

#include <jansson.h>

#include "archive/field.h"
#include "archive/manifest_object.h"
#include "archive/name.h"
#include "base/auto.h"
#include "base/text.h"

static int
get_mode(
    const json_t *object, const char *key, uint32_t *ret_mode, struct err *err)
{
	char text[5];
	uint32_t mode = 0;

	if (field_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (strspn(text, "01234567") != 4)
		return field_wrong(key, "is not four octal digits", err);
	for (const char *p = text; *p != '\0'; p++)
		mode = mode << 3 | (uint32_t)(*p - '0');
	*ret_mode = mode;
	return 0;
}

static int
get_id(const json_t *object, const char *key, char ret_id[SNAPSHOT_ID_BYTES],
    struct err *err)
{
	if (field_text(object, key, ret_id, SNAPSHOT_ID_BYTES, err) < 0)
		return -1;
	if (strspn(ret_id, "0123456789abcdef") != SNAPSHOT_ID_BYTES - 1)
		return field_wrong(key, "is not 16 hex digits", err);
	return 0;
}

/* A name that broke a rule is no refusal here: nobody stored it so. */
static int
bad_name(const char *key, struct err *err)
{
	err->kind = ERR_DAMAGED;
	return err_within(err, "the manifest's '%s'", key);
}

static int
get_name(const json_t *object, const char *key,
    char ret_name[MEMBER_NAME_MAX + 1], struct err *err)
{
	if (field_text(object, key, ret_name, MEMBER_NAME_MAX + 1, err) < 0)
		return -1;
	return name_check(ret_name, err) < 0 ? bad_name(key, err) : 0;
}

static int
get_set(const json_t *object, const char *key,
    char ret_set[MEMBER_NAME_MAX + 1], struct err *err)
{
	if (field_text(object, key, ret_set, MEMBER_NAME_MAX + 1, err) < 0)
		return -1;
	return name_check_set(ret_set, err) < 0 ? bad_name(key, err) : 0;
}

static int
get_page_size(
    const json_t *object, const char *key, uint32_t *ret_size, struct err *err)
{
	if (field_u32(
		object, key, PAGE_SIZE_MIN, PAGE_SIZE_MAX, ret_size, err) < 0)
		return -1;
	if ((*ret_size & (*ret_size - 1)) != 0)
		return field_wrong(key, "is not a power of two", err);
	return 0;
}

/* Made by a later litesafe: nothing is wrong with it, we are too old. */
static int
too_new(struct err *err)
{
	return err_hint(err, "a newer litesafe made this archive; upgrade "
			     "litesafe to read it");
}

static int
check_format(const json_t *object, struct err *err)
{
	uint64_t format = 0;

	if (field_u64(object, "litesafe_format", 1, INT64_MAX, &format, err) <
	    0)
		return -1;
	if (format == ARCHIVE_FORMAT)
		return 0;
	(void)err_set(err, ERR_FAILED, 0,
	    "the archive has format %llu, and this litesafe knows format %d",
	    (unsigned long long)format, ARCHIVE_FORMAT);
	return too_new(err);
}

/* What a reader must understand beyond the format; none is defined yet. */
static int
check_features(const json_t *object, struct err *err)
{
	const json_t *features = json_object_get(object, "features");
	char shown[100];

	if (!json_is_array(features))
		return field_wrong("features", "is missing or not a list", err);
	if (json_array_size(features) == 0)
		return 0;
	const char *feature = json_string_value(json_array_get(features, 0));
	if (feature == NULL)
		return field_wrong("features", "is not a list of strings", err);
	text_printable(feature, shown, sizeof(shown));
	(void)err_set(err, ERR_FAILED, 0,
	    "the archive needs the feature '%s', which this litesafe does not "
	    "have",
	    shown);
	return too_new(err);
}

static int
check_kind(const json_t *object, char *ret_kind, size_t size, struct err *err)
{
	if (field_text(object, "kind", ret_kind, size, err) < 0)
		return -1;
	if (strcmp(ret_kind, MANIFEST_FULL) == 0 ||
	    strcmp(ret_kind, MANIFEST_INCREMENT) == 0)
		return 0;
	(void)err_set(err, ERR_FAILED, 0,
	    "the archive is of the kind '%s', and this litesafe reads only "
	    "'" MANIFEST_FULL "' and '" MANIFEST_INCREMENT "'",
	    ret_kind);
	return too_new(err);
}

static int
get_parent(const json_t *object, struct manifest *m, struct err *err)
{
	if (!manifest_is_increment(m)) {
		if (json_is_null(json_object_get(object, "parent")))
			return 0;
		return field_wrong(
		    "parent", "is not null, as a full archive's is", err);
	}
	m->has_parent_state = json_object_get(object, "parent_state") != NULL;
	if (get_id(object, "parent", m->parent, err) < 0 ||
	    (m->has_parent_state &&
		field_sha256(object, "parent_state", m->parent_state, err) < 0))
		return -1;
	if (strcmp(m->parent, m->id) == 0)
		return field_wrong("parent", "is the snapshot itself", err);
	return 0;
}

/* A place in the tar stream where a member's data begins. */
static int
get_offset(const json_t *object, const char *key, uint64_t least, uint64_t most,
    uint64_t *ret_offset, struct err *err)
{
	if (field_u64(object, key, least, most, ret_offset, err) < 0)
		return -1;
	if (*ret_offset % TAR_BLOCK != 0)
		return field_wrong(key, "is not a multiple of 512", err);
	return 0;
}

/*
 * The members' places, as far as they follow from the layout: whole tar blocks,
 * in order, with headers between them that fit in a frame.  `start` is where
 * the database's first header stands.
 */
static int
get_full(const json_t *object, struct manifest_database *db, uint64_t start,
    struct err *err)
{
	const uint64_t slack = FRAME_RAW_MAX - FRAME_IMAGE_BYTES;
	uint64_t image = (uint64_t)db->page_count * db->page_size;

	if (field_u32(object, "pages_stored", db->page_count, db->page_count,
		&db->pages_stored, err) < 0 ||
	    get_offset(object, "image_offset", start + TAR_BLOCK, start + slack,
		&db->pages_offset, err) < 0)
		return -1;
	uint64_t end = db->pages_offset + image;
	return get_offset(object, "sums_offset", end + TAR_BLOCK, end + slack,
	    &db->sums_offset, err);
}

/*
 * The same of an increment: each member of pages has a frame for its header
 * and map, and there is at least one of them.
 */
static int
get_increment(const json_t *object, struct manifest_database *db,
    uint64_t start, struct err *err)
{
	if (field_u32(object, "pages_stored", 0, db->page_count,
		&db->pages_stored, err) < 0 ||
	    field_sha256(object, "parent_root", db->parent_root, err) < 0)
		return -1;
	uint64_t pages = (uint64_t)db->pages_stored * db->page_size;
	uint64_t members = db->pages_stored / RUNS_MAX + 1;
	bool none = pages == 0;

	if (get_offset(object, "pages_offset", none ? 0 : start + TAR_BLOCK,
		none ? 0 : start + FRAME_RAW_MAX, &db->pages_offset, err) < 0)
		return -1;
	uint64_t end = none ? start : db->pages_offset + pages;
	return get_offset(object, "sums_offset", end + TAR_BLOCK,
	    end + (members + 1) * FRAME_RAW_MAX, &db->sums_offset, err);
}

static int
get_image_sha256(
    const json_t *object, struct manifest_database *db, struct err *err)
{
	db->has_image_sha256 = json_object_get(object, "image_sha256") != NULL;
	return db->has_image_sha256
		   ? field_sha256(object, "image_sha256", db->image_sha256, err)
		   : 0;
}

/* What an archive of this kind stores of the database, and where. */
static int
get_stored(const json_t *object, struct manifest_database *db, bool increment,
    uint64_t start, struct err *err)
{
	if (increment)
		return get_increment(object, db, start, err);
	if (get_image_sha256(object, db, err) < 0)
		return -1;
	return get_full(object, db, start, err);
}

/* A database may say that it is full where the others are not. */
static int
get_kind(const json_t *object, bool increment, bool *ret_whole, struct err *err)
{
	static const char *const full[] = { MANIFEST_FULL, NULL };
	char kind[12];

	*ret_whole = false;
	if (json_object_get(object, "kind") == NULL)
		return 0;
	if (!increment)
		return field_wrong(
		    "kind", "stands in a database of a full archive", err);
	*ret_whole = true;
	return field_choice(object, "kind", full, kind, sizeof(kind), err);
}

static int
get_checkpoint(
    const json_t *object, struct manifest_bill *bill, struct err *err)
{
	static const char *const modes[] = { "auto", "off", "passive", "full",
		"restart", "truncate", NULL };
	const json_t *done = json_object_get(object, "done");

	if (!json_is_boolean(done))
		return field_wrong(
		    "checkpoint", "does not say whether it was done", err);
	bill->checkpoint_done = json_is_true(done);
	if (field_choice(object, "mode", modes, bill->checkpoint_mode,
		sizeof(bill->checkpoint_mode), err) < 0)
		return -1;
	return field_text(object, "reason", bill->checkpoint_reason,
	    sizeof(bill->checkpoint_reason), err);
}

/* All of it, or, in archives from before it was noted, nothing. */
static int
get_bill(const json_t *object, struct manifest_bill *bill, struct err *err)
{
	const json_t *checkpoint = json_object_get(object, "checkpoint");

	bill->known = checkpoint != NULL;
	if (!bill->known)
		return 0;
	if (field_seconds(object, "pin_seconds", &bill->pin_seconds, err) < 0 ||
	    field_seconds(object, "stall_seconds", &bill->stall_seconds, err) <
		0 ||
	    field_u64(object, "busy_retries", 0, INT64_MAX, &bill->busy_retries,
		err) < 0 ||
	    field_u64(object, "wal_frames_before", 0, INT64_MAX,
		&bill->wal_frames_before, err) < 0 ||
	    field_u64(object, "wal_frames_after", 0, INT64_MAX,
		&bill->wal_frames_after, err) < 0)
		return -1;
	/* Only where it happened. */
	if (json_object_get(object, "frames_written_back") != NULL &&
	    field_u64(object, "frames_written_back", 1, INT64_MAX,
		&bill->frames_written_back, err) < 0)
		return -1;
	if (json_object_get(object, "write_back_seconds") != NULL &&
	    (field_seconds(object, "write_back_seconds",
		 &bill->write_back_seconds, err) < 0 ||
		field_u64(object, "wal_bytes_at_end", 0, INT64_MAX,
		    &bill->wal_bytes_at_end, err) < 0))
		return -1;
	return get_checkpoint(checkpoint, bill, err);
}

/* They came later than the format: both are there, or neither. */
static int
get_file(const json_t *object, struct manifest_database *db, struct err *err)
{
	if (json_object_get(object, "device") == NULL &&
	    json_object_get(object, "inode") == NULL)
		return 0;
	return field_u64(object, "device", 0, INT64_MAX, &db->device, err) < 0
		   ? -1
		   : field_u64(object, "inode", 1, INT64_MAX, &db->inode, err);
}

static int
get_database(const json_t *object, struct manifest_database *db, bool increment,
    uint64_t start, struct err *err)
{
	static const char *const encodings[] = { "UTF-8", "UTF-16le",
		"UTF-16be", NULL };
	static const char *const modes[] = { "wal", "rollback", NULL };

	if (get_name(object, "name", db->name, err) < 0 ||
	    get_kind(object, increment, &db->whole, err) < 0 ||
	    field_text(object, "path", db->path, sizeof(db->path), err) < 0 ||
	    get_page_size(object, "page_size", &db->page_size, err) < 0 ||
	    field_u32(object, "page_count", 1, PAGE_COUNT_MAX, &db->page_count,
		err) < 0 ||
	    field_choice(object, "encoding", encodings, db->encoding,
		sizeof(db->encoding), err) < 0 ||
	    field_choice(object, "journal_mode", modes, db->journal_mode,
		sizeof(db->journal_mode), err) < 0)
		return -1;
	if (field_u32(object, "application_id", 0, UINT32_MAX,
		&db->application_id, err) < 0 ||
	    field_u32(object, "user_version", 0, UINT32_MAX, &db->user_version,
		err) < 0 ||
	    field_u32(object, "uid", 0, UINT32_MAX, &db->uid, err) < 0 ||
	    field_u32(object, "gid", 0, UINT32_MAX, &db->gid, err) < 0 ||
	    get_mode(object, "mode", &db->mode, err) < 0 ||
	    get_file(object, db, err) < 0 ||
	    field_sha256(object, "root", db->root, err) < 0 ||
	    get_stored(object, db, increment && !db->whole, start, err) < 0)
		return -1;
	if (field_u64(object, "wal_bytes_before", 0, INT64_MAX,
		&db->wal_bytes_before, err) < 0 ||
	    field_u64(object, "wal_bytes_after", 0, INT64_MAX,
		&db->wal_bytes_after, err) < 0 ||
	    field_u64(object, "frames_not_checkpointed", 0, INT64_MAX,
		&db->frames_not_checkpointed, err) < 0)
		return -1;
	return get_bill(object, &db->bill, err);
}

/* Two whose members could be taken for each other. */
static int
check_apart(const struct manifest *m, size_t index, struct err *err)
{
	for (size_t i = 0; i < index; i++)
		if (name_check_apart(manifest_at(m, i)->name,
			manifest_at(m, index)->name, err) < 0)
			return bad_name("name", err);
	return 0;
}

/* Of increments at least one; what the parent was can be told by one alone. */
static int
check_increments(const struct manifest *m, struct err *err)
{
	size_t increments = 0;

	if (!manifest_is_increment(m))
		return 0;
	for (size_t i = 0; i < manifest_count(m); i++)
		increments += !manifest_at(m, i)->whole;
	if (increments == 0)
		return field_wrong("kind",
		    "is increment, and every database is stored full", err);
	if (manifest_count(m) > 1 && !m->has_parent_state)
		return field_wrong("parent_state", "is missing", err);
	return 0;
}

static int
get_databases(const json_t *object, struct manifest *m, struct err *err)
{
	const json_t *list = json_object_get(object, "databases");
	size_t count = json_array_size(list);
	uint64_t start = 0;

	if (!json_is_array(list) || count == 0)
		return field_wrong(
		    "databases", "is missing, empty or not a list", err);
	if (count > MANIFEST_DATABASES_MAX)
		return field_wrong(
		    "databases", "has more databases than an archive may", err);
	if (manifest_grow(m, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct manifest_database *db = manifest_edit(m, i);

		if (get_database(json_array_get(list, i), db,
			manifest_is_increment(m), start, err) < 0 ||
		    check_apart(m, i, err) < 0)
			return -1;
		start = manifest_end(m, db);
	}
	return check_increments(m, err);
}

static int
get_manifest(const json_t *object, struct manifest *m, struct err *err)
{
	/* First what decides whether the rest means what we think. */
	if (check_format(object, err) < 0 || check_features(object, err) < 0 ||
	    check_kind(object, m->kind, sizeof(m->kind), err) < 0)
		return -1;
	if (get_id(object, "id", m->id, err) < 0 ||
	    get_set(object, "set", m->set, err) < 0 ||
	    field_time(object, "pin_start", &m->pin_start_ms, err) < 0 ||
	    field_time(object, "pin_end", &m->pin_end_ms, err) < 0 ||
	    field_time(object, "finished", &m->finished_ms, err) < 0 ||
	    field_seconds(object, "pin_seconds", &m->pin_seconds, err) < 0 ||
	    field_text(object, "host", m->host, sizeof(m->host), err) < 0 ||
	    field_text(object, "tool", m->tool, sizeof(m->tool), err) < 0 ||
	    field_text(object, "sqlite", m->sqlite, sizeof(m->sqlite), err) <
		0 ||
	    field_u64(object, "stored_bytes", 1, INT64_MAX, &m->stored_bytes,
		err) < 0 ||
	    field_sha256(object, "stored_sha256", m->stored_sha256, err) < 0)
		return -1;
	if (get_parent(object, m, err) < 0)
		return -1;
	return get_databases(object, m, err);
}

int
manifest_from_object(
    const json_t *object, struct manifest *ret_manifest, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };

	if (get_manifest(object, &manifest, err) < 0)
		return -1;
	*ret_manifest = manifest_take(&manifest);
	return 0;
}

int
manifest_decode(const char *json, size_t len, struct manifest *ret_manifest,
    struct err *err)
{
	AUTO(json) json_t *object = NULL;

	if (field_object(json, len, &object, err) < 0)
		return -1;
	return manifest_from_object(object, ret_manifest, err);
}
