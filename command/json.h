/*
 * JSON Lines, written: one object a line, nothing held in memory.
 *
 *     struct json json;
 *     json_begin(&json, out);
 *     json_put_text(&json, "type", "snapshot");
 *     json_open_array(&json, "databases");
 *     ...
 *     json_end(&json);
 *
 * `key` is NULL inside an array.  Text of any bytes becomes valid JSON: what
 * is not UTF-8 becomes U+FFFD.  Errors of the stream stay in the stream.
 */
#ifndef COMMAND_JSON_H
#define COMMAND_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 8 };

struct json {
	FILE *out;
	unsigned depth;
	bool comma; /* something stands before, on this level */
	char closing[JSON_DEPTH_MAX];
};

/* The object of one line; json_end() closes whatever is open and the line. */
void json_begin(struct json *json, FILE *out);
void json_end(struct json *json);

void json_open_object(struct json *json, const char *key);
void json_open_array(struct json *json, const char *key);
void json_close(struct json *json);

/* A NULL `text` is null. */
void json_put_text(struct json *json, const char *key, const char *text);
void json_put_integer(struct json *json, const char *key, int64_t value);
void json_put_size(struct json *json, const char *key, uint64_t value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_null(struct json *json, const char *key);

/* Not a number and infinity, which JSON cannot say, are null. */
void json_put_real(struct json *json, const char *key, double value);

/* Seconds, rounded to microseconds. */
void json_put_seconds(struct json *json, const char *key, double value);

#endif
