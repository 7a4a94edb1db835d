/*
 * The manifest's own encoder and decoder do the work; here two fields are
 * added, and the seal.
 */
#include "archive/detached.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "archive/field.h"
#include "archive/manifest_object.h"
#include "base/auto.h"
#include "base/sealed.h"

/* 15 digits: as the manifest in the archive. */
static const size_t dump_flags = JSON_COMPACT | JSON_REAL_PRECISION(15);

/* The manifest as an object again, with the file's fields in it. */
static int
make_object(const struct manifest *manifest, const struct stored_file *file,
    json_t **ret_object, struct err *err)
{
	AUTO(free) char *json = NULL;
	AUTO(json) json_t *object = NULL;
	char sha256[SHA256_TEXT_BYTES];
	size_t len = 0;

	if (manifest_encode(manifest, &json, &len, err) < 0 ||
	    field_object(json, len, &object, err) < 0)
		return -1;
	sha256_format(file->sha256, sha256);
	if (json_object_set_new(object, "archive_bytes",
		json_integer((json_int_t)file->bytes)) < 0 ||
	    json_object_set_new(object, "archive_sha256", json_string(sha256)) <
		0)
		return err_set(err, ERR_FAILED, 0,
		    "no memory for the text of the manifest");
	*ret_object = take_ptr(&object);
	return 0;
}

/* The reader's rules are the writer's rules. */
static int
check_readable(const char *text, size_t len, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;

	if (detached_decode(text, len, &manifest, &file, err) < 0) {
		err->kind = ERR_FAILED;
		return err_within(err, "this manifest could not be read again");
	}
	return 0;
}

int
detached_encode(const struct manifest *manifest, const struct stored_file *file,
    char **ret_text, size_t *ret_len, struct err *err)
{
	AUTO(json) json_t *object = NULL;
	if (make_object(manifest, file, &object, err) < 0)
		return -1;
	AUTO(free) char *line = json_dumps(object, dump_flags);
	AUTO(free) char *text = NULL;
	size_t len = 0;
	if (line == NULL)
		return err_set(err, ERR_FAILED, 0,
		    "no memory for the text of the manifest");
	if (sealed_encode(line, strlen(line), &text, &len, err) < 0 ||
	    check_readable(text, len, err) < 0)
		return -1;
	*ret_text = take_ptr(&text);
	*ret_len = len;
	return 0;
}

static int
get_file(const json_t *object, const struct manifest *manifest,
    struct stored_file *file, struct err *err)
{
	/* The archive goes on behind what its manifest counts. */
	if (field_u64(object, "archive_bytes", manifest->stored_bytes + 1,
		INT64_MAX, &file->bytes, err) < 0)
		return -1;
	return field_sha256(object, "archive_sha256", file->sha256, err);
}

int
detached_decode(const char *text, size_t len, struct manifest *ret_manifest,
    struct stored_file *ret_file, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file = { 0 };
	AUTO(json) json_t *object = NULL;
	size_t line_len = 0;

	if (len > DETACHED_MAX)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest has %zu bytes, more than the limit of %d",
		    len, DETACHED_MAX);
	if (sealed_decode(text, len, &line_len, err) < 0)
		return err_within(err, "the manifest");
	if (field_object(text, line_len, &object, err) < 0 ||
	    manifest_from_object(object, &manifest, err) < 0 ||
	    get_file(object, &manifest, &file, err) < 0)
		return -1;
	*ret_manifest = manifest_take(&manifest);
	*ret_file = file;
	return 0;
}
