/*
 * A name is taken apart by its shape alone, letter by letter: what is not
 * exactly of ours is foreign and stays untouched by everything.
 */
#include "repository/snapshot_name.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/draft.h"

const char *const snapshot_suffix[SNAPSHOT_DRAFT] = {
	[SNAPSHOT_ARCHIVE] = ".tar.zst",
	[SNAPSHOT_MANIFEST] = ".json",
	[SNAPSHOT_PIN] = ".pin",
	[SNAPSHOT_CONDEMNED] = ".condemned",
};

/* The shape of a name: 9 is a digit, x a hex digit, a any letter. */
static const char shape[] = "99999999T999999Z-aaaa-xxxxxxxx";

enum { KIND_AT = sizeof("99999999T999999Z-") - 1 };

_Static_assert(sizeof(shape) <= SNAPSHOT_NAME_BYTES, "a name has room");

void
snapshot_name(
    const struct manifest *manifest, char ret_name[SNAPSHOT_NAME_BYTES])
{
	char time[CLOCK_TEXT_BYTES];

	/* "2026-11-21T01:58:00.123Z" */
	clock_format(manifest->pin_start_ms, time);
	(void)snprintf(ret_name, SNAPSHOT_NAME_BYTES,
	    "%.4s%.2s%.2sT%.2s%.2s%.2sZ-%s-%.8s", time, time + 5, time + 8,
	    time + 11, time + 14, time + 17,
	    manifest_is_increment(manifest) ? "incr" : "full", manifest->id);
}

static bool
fits(char letter, char form)
{
	switch (form) {
	case '9':
		return letter >= '0' && letter <= '9';
	case 'x':
		return letter != '\0' && strchr("0123456789abcdef", letter);
	case 'a':
		return letter >= 'a' && letter <= 'z';
	default:
		return letter == form;
	}
}

/* What follows the name, or NULL when `file` does not begin with one. */
static const char *
after_name(const char *file)
{
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (!fits(file[i], shape[i]))
			return NULL;
	if (strncmp(file + KIND_AT, "full", 4) != 0 &&
	    strncmp(file + KIND_AT, "incr", 4) != 0)
		return NULL;
	return file + strlen(shape);
}

enum snapshot_file
snapshot_file_kind(const char *file, char ret_name[SNAPSHOT_NAME_BYTES])
{
	const char *rest = after_name(file);

	if (rest == NULL)
		return SNAPSHOT_FOREIGN;
	(void)snprintf(
	    ret_name, SNAPSHOT_NAME_BYTES, "%.*s", (int)(rest - file), file);
	for (unsigned kind = 0; kind < SNAPSHOT_DRAFT; kind++) {
		size_t len = strlen(snapshot_suffix[kind]);

		if (strncmp(rest, snapshot_suffix[kind], len) != 0)
			continue;
		if (rest[len] == '\0')
			return kind;
		if (draft_is_suffix(rest + len))
			return SNAPSHOT_DRAFT;
	}
	return SNAPSHOT_FOREIGN;
}
