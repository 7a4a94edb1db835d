/*
 * jansson bounds the nesting, refuses NULs, bad UTF-8 and numbers beyond 64
 * bits; duplicate keys are refused, because two readers could take different
 * ones of them.
 */
#include "archive/field.h"

#include <string.h>

#include "archive/layout.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"

/* Thirty thousand years are enough for a transaction. */
static const double seconds_max = 1e12;

static const size_t load_flags = JSON_REJECT_DUPLICATES;

void
json_auto(json_t **place)
{
	json_decref(*place);
}

int
field_object(const char *json, size_t len, json_t **ret_object, struct err *err)
{
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
	*ret_object = take_ptr(&object);
	return 0;
}

int
field_wrong(const char *key, const char *what, struct err *err)
{
	return err_set(
	    err, ERR_DAMAGED, 0, "the manifest's '%s' %s", key, what);
}

int
field_text(const json_t *object, const char *key, char *ret_text, size_t size,
    struct err *err)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text == NULL)
		return field_wrong(key, "is missing or not a string", err);
	if (strlen(text) >= size)
		return field_wrong(key, "is too long", err);
	if (!text_is_printable(text))
		return field_wrong(key, "has control characters in it", err);
	(void)stpcpy(ret_text, text);
	return 0;
}

int
field_choice(const json_t *object, const char *key, const char *const *choices,
    char *ret_text, size_t size, struct err *err)
{
	if (field_text(object, key, ret_text, size, err) < 0)
		return -1;
	for (; *choices != NULL; choices++) {
		if (strcmp(*choices, ret_text) == 0)
			return 0;
	}
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is '%s', which it cannot be", key, ret_text);
}

/* Four octal digits, as "0644". */
int
field_u64(const json_t *object, const char *key, uint64_t least, uint64_t most,
    uint64_t *ret_number, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return field_wrong(key, "is missing or not an integer", err);
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

int
field_u32(const json_t *object, const char *key, uint32_t least, uint32_t most,
    uint32_t *ret_number, struct err *err)
{
	uint64_t number = 0;

	if (field_u64(object, key, least, most, &number, err) < 0)
		return -1;
	*ret_number = (uint32_t)number;
	return 0;
}

int
field_seconds(
    const json_t *object, const char *key, double *ret_seconds, struct err *err)
{
	const json_t *value = json_object_get(object, key);
	double seconds = json_number_value(value);

	if (!json_is_number(value))
		return field_wrong(key, "is missing or not a number", err);
	if (!(seconds >= 0 && seconds <= seconds_max))
		return field_wrong(key, "is not a length of time", err);
	*ret_seconds = seconds;
	return 0;
}

int
field_time(
    const json_t *object, const char *key, int64_t *ret_ms, struct err *err)
{
	char text[CLOCK_TEXT_BYTES];

	if (field_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (clock_parse(text, ret_ms, err) < 0)
		return err_within(err, "the manifest's '%s'", key);
	return 0;
}

int
field_sha256(const json_t *object, const char *key,
    uint8_t ret_digest[SHA256_BYTES], struct err *err)
{
	char text[SHA256_TEXT_BYTES];

	if (field_text(object, key, text, sizeof(text), err) < 0)
		return -1;
	if (sha256_parse(text, ret_digest, err) < 0)
		return err_within(err, "the manifest's '%s'", key);
	return 0;
}
