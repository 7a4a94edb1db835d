/*
 * What is asked of a catalog.  The list is in order of time, so the newest is
 * found from its end.
 */
#include "repository/catalog.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* Fewer digits are more likely a slip than an id. */
enum { ID_DIGITS_MIN = 4, SHOWN_BYTES = 100 };

size_t
catalog_good_before(const struct catalog *catalog, size_t at)
{
	while (at-- > 0)
		if (catalog->list[at].faults == SNAPSHOT_GOOD)
			return at;
	return SNAPSHOT_NONE;
}

size_t
catalog_newest_good(const struct catalog *catalog)
{
	return catalog_good_before(catalog, catalog->count);
}

static int
find_latest(const struct catalog *catalog, size_t *ret_at, struct err *err)
{
	*ret_at = catalog_newest_good(catalog);
	if (*ret_at != SNAPSHOT_NONE)
		return 0;
	return err_set(err, ERR_ABSENT, 0,
	    catalog->count == 0 ? "the set '%s' has no snapshot"
				: "no snapshot of the set '%s' is good",
	    catalog->set);
}

/* A bad manifest has no id, and is found by its name. */
static bool
answers_to(const struct snapshot *snapshot, const char *text, size_t len)
{
	bool id = len >= ID_DIGITS_MIN && len < SNAPSHOT_ID_BYTES &&
		  strncmp(snapshot->id, text, len) == 0;

	return id || strcmp(snapshot->name, text) == 0;
}

/* The set's folder is the repository's with its name behind it. */
struct catalog_command
catalog_command(const struct catalog *catalog, const char *verb)
{
	struct catalog_command command;
	size_t len = strlen(catalog->folder) - strlen(catalog->set);
	char repository[sizeof(catalog->folder)];

	(void)snprintf(repository, sizeof(repository), "%.*s", (int)len - 1,
	    catalog->folder);
	(void)snprintf(command.text, sizeof(command.text),
	    "litesafe %.20s -r %s %s", verb,
	    quote_word(repository, "PATH").text,
	    quote_name(catalog->set, "SET").text);
	return command;
}

static int
ambiguous(const struct catalog *catalog, size_t a, size_t b, const char *text,
    struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0, "'%s' can be '%s' or '%s'", text,
	    catalog->list[a].name, catalog->list[b].name);
	return err_hint(err,
	    "give more digits of the id, or the whole name, as shown by: %s",
	    catalog_command(catalog, "list").text);
}

int
catalog_find(const struct catalog *catalog, const char *text, size_t *ret_at,
    struct err *err)
{
	char shown[SHOWN_BYTES];
	size_t len = strlen(text);

	*ret_at = SNAPSHOT_NONE;
	if (strcmp(text, "latest") == 0)
		return find_latest(catalog, ret_at, err);
	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *snapshot = &catalog->list[i];

		if (!answers_to(snapshot, text, len))
			continue;
		if (*ret_at != SNAPSHOT_NONE)
			return ambiguous(catalog, *ret_at, i, text, err);
		*ret_at = i;
	}
	if (*ret_at != SNAPSHOT_NONE)
		return 0;
	text_printable(text, shown, sizeof(shown));
	(void)err_set(err, ERR_ABSENT, 0, "the set '%s' has no snapshot '%s'",
	    catalog->set, shown);
	if (len < ID_DIGITS_MIN)
		return err_hint(
		    err, "give at least %d digits of the id", ID_DIGITS_MIN);
	return err_hint(err, "what there is is shown by: %s",
	    catalog_command(catalog, "list").text);
}

int
catalog_at_time(const struct catalog *catalog, int64_t time_ms, size_t *ret_at,
    struct err *err)
{
	char text[CLOCK_TEXT_BYTES];

	for (size_t i = catalog->count; i-- > 0;) {
		if (catalog->list[i].time_ms <= time_ms) {
			*ret_at = i;
			return 0;
		}
	}
	clock_format(time_ms, text);
	(void)err_set(err, ERR_ABSENT, 0,
	    "the set '%s' has no snapshot of %s or before", catalog->set, text);
	if (catalog->count == 0)
		return err_hint(err, "it has none at all");
	clock_format(catalog->list[0].time_ms, text);
	return err_hint(err, "the oldest is of %s", text);
}

const char *
catalog_fault_words(unsigned faults)
{
	static const struct {
		enum snapshot_fault fault;
		const char *words;
	} list[] = {
		{ SNAPSHOT_BAD_MANIFEST, "has a damaged manifest" },
		{ SNAPSHOT_NO_ARCHIVE, "has no archive" },
		{ SNAPSHOT_BAD_SIZE, "has an archive of the wrong size" },
		{ SNAPSHOT_BAD_ARCHIVE, "has a damaged archive" },
		{ SNAPSHOT_NO_PARENT,
		    "was made against a snapshot that is not there" },
		{ SNAPSHOT_BAD_ANCESTOR, "needs another one that is not good" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (faults & list[i].fault)
			return list[i].words;
	return "is good";
}

void
catalog_path(const struct catalog *catalog, const struct snapshot *snapshot,
    enum snapshot_file file, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "%s/%s%s", catalog->folder,
	    snapshot->name, snapshot_suffix[file]);
}
