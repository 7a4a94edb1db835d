/*
 * RFC 8259 as far as a writer needs it.
 *
 * The one hard part is text that is not UTF-8: file names are bytes.  Such a
 * byte becomes U+FFFD, so that a reader never meets an invalid line.
 */
#include "command/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void
put_escaped(FILE *out, unsigned char c)
{
	static const char named[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	const char *at = strchr(named, c);

	if (at != NULL)
		(void)fprintf(out, "\\%c", letters[at - named]);
	else
		(void)fprintf(out, "\\u%04x", c);
}

static void
put_string(FILE *out, const char *text)
{
	(void)putc('"', out);
	while (*text != '\0') {
		uint32_t code = 0;
		size_t len = text_character(text, &code);

		if (len == 0)
			(void)fputs("\\ufffd", out);
		/* U+007F is valid JSON, but nothing to send to a terminal. */
		else if (code < 0x20 || code == '"' || code == '\\' ||
			 code == 0x7f)
			put_escaped(out, (unsigned char)code);
		else
			(void)fwrite(text, 1, len, out);
		text += len == 0 ? 1 : len;
	}
	(void)putc('"', out);
}

/* What stands before a value: a comma, and the key inside an object. */
static void
put_key(struct json *json, const char *key)
{
	if (json->comma)
		(void)putc(',', json->out);
	json->comma = true;
	assert((key == NULL) == (json->closing[json->depth - 1] == ']'));
	if (key != NULL) {
		put_string(json->out, key);
		(void)putc(':', json->out);
	}
}

static void
push(struct json *json, char opening, char closing)
{
	assert(json->depth < JSON_DEPTH_MAX);
	(void)putc(opening, json->out);
	json->closing[json->depth++] = closing;
	json->comma = false;
}

void
json_begin(struct json *json, FILE *out)
{
	*json = (struct json){ .out = out };
	push(json, '{', '}');
}

void
json_end(struct json *json)
{
	while (json->depth > 0)
		json_close(json);
	(void)putc('\n', json->out);
}

void
json_open_object(struct json *json, const char *key)
{
	put_key(json, key);
	push(json, '{', '}');
}

void
json_open_array(struct json *json, const char *key)
{
	put_key(json, key);
	push(json, '[', ']');
}

void
json_close(struct json *json)
{
	assert(json->depth > 0);
	(void)putc(json->closing[--json->depth], json->out);
	json->comma = true;
}

void
json_put_text(struct json *json, const char *key, const char *text)
{
	if (text == NULL) {
		json_put_null(json, key);
		return;
	}
	put_key(json, key);
	put_string(json->out, text);
}

void
json_put_integer(struct json *json, const char *key, int64_t value)
{
	put_key(json, key);
	(void)fprintf(json->out, "%lld", (long long)value);
}

void
json_put_size(struct json *json, const char *key, uint64_t value)
{
	put_key(json, key);
	(void)fprintf(json->out, "%llu", (unsigned long long)value);
}

void
json_put_bool(struct json *json, const char *key, bool value)
{
	put_key(json, key);
	(void)fputs(value ? "true" : "false", json->out);
}

void
json_put_null(struct json *json, const char *key)
{
	put_key(json, key);
	(void)fputs("null", json->out);
}

/* The shorter of the two precisions that reads back as the same number. */
void
json_put_real(struct json *json, const char *key, double value)
{
	char text[40];

	if (!isfinite(value)) {
		json_put_null(json, key);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) < value || strtod(text, NULL) > value)
		(void)snprintf(text, sizeof(text), "%.17g", value);
	put_key(json, key);
	(void)fputs(text, json->out);
}

void
json_put_seconds(struct json *json, const char *key, double value)
{
	char text[400];

	(void)snprintf(text, sizeof(text), "%.6f", value);
	json_put_real(json, key, strtod(text, NULL));
}
