/*
 * Written by hand, as it is one short line of known values; read by jansson,
 * as it may come from a later version that says more.
 */
#include "repository/repository_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/sealed.h"
#include "base/text.h"

static void
json_auto(json_t **place)
{
	json_decref(*place);
}

int
repository_file_encode(const struct repository_file *file, char **ret_text,
    size_t *ret_len, struct err *err)
{
	char readme[SHA256_TEXT_BYTES], now[CLOCK_TEXT_BYTES];
	AUTO(free) char *line = NULL;

	sha256_format(file->readme_sha256, readme);
	clock_format(clock_now_ms(), now);
	int len = asprintf(&line,
	    "{\"litesafe_repository\":%d,\"id\":\"%s\",\"created\":\"%s\","
	    "\"tool\":\"litesafe " LITESAFE_VERSION
	    "\",\"features\":[],\"readme_sha256\":\"%s\"}",
	    REPOSITORY_FORMAT, file->id, now, readme);
	if (len < 0) {
		line = NULL;
		return err_system(err, "describe the repository");
	}
	return sealed_encode(line, (size_t)len, ret_text, ret_len, err);
}

static int
wrong(const char *what, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0, "%s", what);
}

static int
newer(struct err *err)
{
	return err_hint(
	    err, "it was made by a newer litesafe; upgrade this one");
}

static int
check_format(const json_t *object, struct err *err)
{
	const json_t *format = json_object_get(object, "litesafe_repository");

	if (!json_is_integer(format))
		return wrong("it has no format number", err);
	if (json_integer_value(format) == REPOSITORY_FORMAT)
		return 0;
	(void)err_set(err, ERR_REPOSITORY, 0,
	    "it has format %lld, and this litesafe knows only %d",
	    (long long)json_integer_value(format), REPOSITORY_FORMAT);
	return newer(err);
}

/* Whatever is listed there must be known to whoever reads the repository. */
static int
check_features(const json_t *object, struct err *err)
{
	const json_t *features = json_object_get(object, "features");
	char shown[80];

	if (!json_is_array(features))
		return wrong("it has no list of features", err);
	if (json_array_size(features) == 0)
		return 0;
	const char *name = json_string_value(json_array_get(features, 0));
	text_printable(name == NULL ? "?" : name, shown, sizeof(shown));
	(void)err_set(err, ERR_REPOSITORY, 0,
	    "it needs the feature '%s', which this litesafe does not know",
	    shown);
	return newer(err);
}

static int
get_id(const json_t *object, char ret_id[REPOSITORY_ID_BYTES], struct err *err)
{
	const char *id = json_string_value(json_object_get(object, "id"));

	if (id == NULL || strlen(id) != REPOSITORY_ID_BYTES - 1 ||
	    strspn(id, "0123456789abcdef") != REPOSITORY_ID_BYTES - 1)
		return wrong("its id is not 32 hex digits", err);
	(void)stpcpy(ret_id, id);
	return 0;
}

int
repository_file_decode(const char *text, size_t len,
    struct repository_file *ret_file, struct err *err)
{
	struct repository_file file = { 0 };
	size_t line = 0;

	if (sealed_decode(text, len, &line, err) < 0)
		return -1;
	AUTO(json)
	json_t *object = json_loadb(text, line, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object))
		return wrong("its first line is not a JSON object", err);
	if (check_format(object, err) < 0 || check_features(object, err) < 0 ||
	    get_id(object, file.id, err) < 0)
		return -1;
	const char *readme =
	    json_string_value(json_object_get(object, "readme_sha256"));
	if (readme == NULL || sha256_parse(readme, file.readme_sha256, err) < 0)
		return wrong("it has no SHA-256 of the README", err);
	*ret_file = file;
	return 0;
}
