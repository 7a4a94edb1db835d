/*
 * From hostile JSON to struct.  Every get_... function takes one key of one
 * object, insists on its type and range, and names the key when it refuses.
 * jansson bounds the nesting, refuses NULs, bad UTF-8 and numbers beyond 64
 * bits; duplicate keys are refused, because two readers could take different
 * ones of them.
 */
#include "archive/manifest.h"

#include <string.h>

#include <jansson.h>

#include "archive/name.h"
#include "base/auto.h"
#include "base/text.h"

/* Thirty thousand years are enough for a transaction. */
static const double seconds_max = 1e12;

static const size_t load_flags = JSON_REJECT_DUPLICATES;

static void
json_auto(json_t **place)
{
	json_decref(*place);
}

static int
wrong(const char *key, const char *what, struct err *err)
{
	return err_set(
	    err, ERR_DAMAGED, 0, "the manifest's '%s' %s", key, what);
}

/* A string that is shorter than `size` and may be shown on a terminal. */
static int
get_text(const json_t *object, const char *key, char *ret_text, size_t size,
    struct err *err)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text == NULL)
		return wrong(key, "is missing or not a string", err);
	if (strlen(text) >= size)
		return wrong(key, "is too long", err);
	if (!text_is_printable(text))
		return wrong(key, "has control characters in it", err);
	(void)stpcpy(ret_text, text);
	return 0;
}

/* A string that is one of `choices`, which end with NULL. */
static int
get_choice(const json_t *object, const char *key, const char *const *choices,
    char *ret_text, size_t size, struct err *err)
{
	if (get_text(object, key, ret_text, size, err) < 0)
		return -1;
	for (; *choices != NULL; choices++) {
		if (strcmp(*choices, ret_text) == 0)
			return 0;
	}
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is '%s', which it cannot be", key, ret_text);
}

static int
get_u64(const json_t *object, const char *key, uint64_t least, uint64_t most,
    uint64_t *ret_number, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return wrong(key, "is missing or not an integer", err);
	json_int_t number = json_integer_value(value);
	if (number < 0 || (uint64_t)number < least || (uint64_t)number > most)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest's '%s' is %lld, but it must be from %llu to "
		    "%llu",
		    key, (long long)number, (unsigned long long)least,
		    (unsigned long long)most);
	*ret_number = (uint64_t)number;
	return 0;
}

static int
get_u32(const json_t *object, const char *key, uint32_t least, uint32_t most,
    uint32_t *ret_number, struct err *err)
{
	uint64_t number = 0;

	if (get_u64(object, key, least, most, &number, err) < 0)
		return -1;
	*ret_number = (uint32_t)number;
	return 0;
}

static int
get_seconds(
    const json_t *object, const char *key, double *ret_seconds, struct err *err)
{
	const json_t *value = json_object_get(object, key);
	double seconds = json_number_value(value);

	if (!json_is_number(value))
		return wrong(key, "is missing or not a number", err);
	if (!(seconds >= 0 && seconds <= seconds_max))
		return wrong(key, "is not a length of time", err);
	*ret_seconds = seconds;
	return 0;
}

static int
get_time(
    const json_t *object, const char *key, int64_t *ret_ms, struct err *err)
{
	char text[CLOCK_TEXT_BYTES];

	if (get_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (clock_parse(text, ret_ms, err) < 0)
		return err_within(err, "the manifest's '%s'", key);
	return 0;
}

static int
get_sha256(const json_t *object, const char *key,
    uint8_t ret_digest[SHA256_BYTES], struct err *err)
{
	char text[SHA256_TEXT_BYTES];

	if (get_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (sha256_parse(text, ret_digest, err) < 0)
		return err_within(err, "the manifest's '%s'", key);
	return 0;
}

/* Four octal digits, as "0644". */
static int
get_mode(
    const json_t *object, const char *key, uint32_t *ret_mode, struct err *err)
{
	char text[5];
	uint32_t mode = 0;

	if (get_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (strspn(text, "01234567") != 4)
		return wrong(key, "is not four octal digits", err);
	for (const char *p = text; *p != '\0'; p++)
		mode = mode << 3 | (uint32_t)(*p - '0');
	*ret_mode = mode;
	return 0;
}

static int
get_id(const json_t *object, const char *key, char ret_id[SNAPSHOT_ID_BYTES],
    struct err *err)
{
	if (get_text(object, key, ret_id, SNAPSHOT_ID_BYTES, err) < 0)
		return -1;
	if (strspn(ret_id, "0123456789abcdef") != SNAPSHOT_ID_BYTES - 1)
		return wrong(key, "is not 16 hex digits", err);
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
	if (get_text(object, key, ret_name, MEMBER_NAME_MAX + 1, err) < 0)
		return -1;
	return name_check(ret_name, err) < 0 ? bad_name(key, err) : 0;
}

static int
get_set(const json_t *object, const char *key,
    char ret_set[MEMBER_NAME_MAX + 1], struct err *err)
{
	if (get_text(object, key, ret_set, MEMBER_NAME_MAX + 1, err) < 0)
		return -1;
	return name_check_set(ret_set, err) < 0 ? bad_name(key, err) : 0;
}

static int
get_page_size(
    const json_t *object, const char *key, uint32_t *ret_size, struct err *err)
{
	if (get_u32(object, key, PAGE_SIZE_MIN, PAGE_SIZE_MAX, ret_size, err) <
	    0)
		return -1;
	if ((*ret_size & (*ret_size - 1)) != 0)
		return wrong(key, "is not a power of two", err);
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

	if (get_u64(object, "litesafe_format", 1, INT64_MAX, &format, err) < 0)
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
		return wrong("features", "is missing or not a list", err);
	if (json_array_size(features) == 0)
		return 0;
	const char *feature = json_string_value(json_array_get(features, 0));
	if (feature == NULL)
		return wrong("features", "is not a list of strings", err);
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
	if (get_text(object, "kind", ret_kind, size, err) < 0)
		return -1;
	if (strcmp(ret_kind, "full") == 0)
		return 0;
	(void)err_set(err, ERR_FAILED, 0,
	    "the archive is of the kind '%s', and this litesafe reads only "
	    "'full'",
	    ret_kind);
	return too_new(err);
}

/* The databases of the archive: one of them, so far. */
static int
find_database(const json_t *object, const json_t **ret_db, struct err *err)
{
	const json_t *list = json_object_get(object, "databases");
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count == 0)
		return wrong(
		    "databases", "is missing, empty or not a list", err);
	if (count > 1) {
		(void)err_set(err, ERR_FAILED, 0,
		    "the archive holds %zu databases, and this litesafe reads "
		    "only archives of one",
		    count);
		return too_new(err);
	}
	*ret_db = json_array_get(list, 0);
	return 0;
}

/*
 * The members' places, as far as they follow from the layout: whole tar blocks,
 * in order, with headers between them that fit in a frame.
 */
static int
get_offsets(const json_t *object, struct manifest_database *db, struct err *err)
{
	const uint64_t block = 512;
	const uint64_t slack = FRAME_RAW_MAX - FRAME_IMAGE_BYTES;
	uint64_t image = (uint64_t)db->page_count * db->page_size;

	if (get_u64(object, "image_offset", block, slack, &db->image_offset,
		err) < 0)
		return -1;
	uint64_t end = db->image_offset + image;
	if (get_u64(object, "sums_offset", end + block, end + slack,
		&db->sums_offset, err) < 0)
		return -1;
	if (db->image_offset % block != 0)
		return wrong("image_offset", "is not a multiple of 512", err);
	if (db->sums_offset % block != 0)
		return wrong("sums_offset", "is not a multiple of 512", err);
	return 0;
}

static int
get_image_sha256(
    const json_t *object, struct manifest_database *db, struct err *err)
{
	db->has_image_sha256 = json_object_get(object, "image_sha256") != NULL;
	return db->has_image_sha256
		   ? get_sha256(object, "image_sha256", db->image_sha256, err)
		   : 0;
}

static int
get_database(
    const json_t *object, struct manifest_database *db, struct err *err)
{
	static const char *const encodings[] = { "UTF-8", "UTF-16le",
		"UTF-16be", NULL };
	static const char *const modes[] = { "wal", "rollback", NULL };
	uint32_t pages_stored;

	if (get_name(object, "name", db->name, err) < 0 ||
	    get_text(object, "path", db->path, sizeof(db->path), err) < 0 ||
	    get_page_size(object, "page_size", &db->page_size, err) < 0 ||
	    get_u32(object, "page_count", 1, PAGE_COUNT_MAX, &db->page_count,
		err) < 0 ||
	    get_u32(object, "pages_stored", db->page_count, db->page_count,
		&pages_stored, err) < 0 ||
	    get_choice(object, "encoding", encodings, db->encoding,
		sizeof(db->encoding), err) < 0 ||
	    get_choice(object, "journal_mode", modes, db->journal_mode,
		sizeof(db->journal_mode), err) < 0)
		return -1;
	if (get_u32(object, "application_id", 0, UINT32_MAX,
		&db->application_id, err) < 0 ||
	    get_u32(object, "user_version", 0, UINT32_MAX, &db->user_version,
		err) < 0 ||
	    get_u32(object, "uid", 0, UINT32_MAX, &db->uid, err) < 0 ||
	    get_u32(object, "gid", 0, UINT32_MAX, &db->gid, err) < 0 ||
	    get_mode(object, "mode", &db->mode, err) < 0 ||
	    get_sha256(object, "root", db->root, err) < 0 ||
	    get_image_sha256(object, db, err) < 0 ||
	    get_offsets(object, db, err) < 0)
		return -1;
	if (get_u64(object, "wal_bytes_before", 0, INT64_MAX,
		&db->wal_bytes_before, err) < 0 ||
	    get_u64(object, "wal_bytes_after", 0, INT64_MAX,
		&db->wal_bytes_after, err) < 0 ||
	    get_u64(object, "frames_not_checkpointed", 0, INT64_MAX,
		&db->frames_not_checkpointed, err) < 0)
		return -1;
	return 0;
}

static int
get_manifest(const json_t *object, struct manifest *m, struct err *err)
{
	const json_t *database = NULL;

	/* First what decides whether the rest means what we think. */
	if (check_format(object, err) < 0 || check_features(object, err) < 0 ||
	    check_kind(object, m->kind, sizeof(m->kind), err) < 0 ||
	    find_database(object, &database, err) < 0)
		return -1;
	if (get_id(object, "id", m->id, err) < 0 ||
	    get_set(object, "set", m->set, err) < 0 ||
	    get_time(object, "pin_start", &m->pin_start_ms, err) < 0 ||
	    get_time(object, "pin_end", &m->pin_end_ms, err) < 0 ||
	    get_time(object, "finished", &m->finished_ms, err) < 0 ||
	    get_seconds(object, "pin_seconds", &m->pin_seconds, err) < 0 ||
	    get_text(object, "host", m->host, sizeof(m->host), err) < 0 ||
	    get_text(object, "tool", m->tool, sizeof(m->tool), err) < 0 ||
	    get_text(object, "sqlite", m->sqlite, sizeof(m->sqlite), err) < 0 ||
	    get_u64(object, "stored_bytes", 1, INT64_MAX, &m->stored_bytes,
		err) < 0 ||
	    get_sha256(object, "stored_sha256", m->stored_sha256, err) < 0)
		return -1;
	if (!json_is_null(json_object_get(object, "parent")))
		return wrong(
		    "parent", "is not null, as a full archive's is", err);
	return get_database(database, &m->database, err);
}

int
manifest_decode(const char *json, size_t len, struct manifest *ret_manifest,
    struct err *err)
{
	struct manifest manifest = { 0 };
	json_error_t why;
	char shown[JSON_ERROR_TEXT_LENGTH];

	if (len > MANIFEST_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest has %zu bytes, more than the limit of %d",
		    len, MANIFEST_MAX);
	AUTO(json) json_t *object = json_loadb(json, len, load_flags, &why);
	if (object == NULL) {
		/* jansson quotes what it read. */
		text_printable(why.text, shown, sizeof(shown));
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest is not valid JSON: line %d: %s", why.line,
		    shown);
	}
	if (!json_is_object(object))
		return err_set(
		    err, ERR_DAMAGED, 0, "the manifest is not a JSON object");
	if (get_manifest(object, &manifest, err) < 0)
		return -1;
	*ret_manifest = manifest;
	return 0;
}
