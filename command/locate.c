/*
 * An id alone is looked for in every set: that it is found in one says nothing
 * until all the others were asked.
 */
#include "command/locate.h"

#include <string.h>

#include "base/auto.h"
#include "base/quote.h"
#include "command/where.h"

/* The search through all sets. */
struct search {
	const char *text;
	struct located *located;
	bool found;
	bool is_set; /* a set has that name */
};

/* One set; repository_sets(). */
static int
look_in(void *ctx, const char *set, struct err *err)
{
	struct search *search = ctx;
	struct located *located = search->located;
	AUTO(catalog) struct catalog catalog = { .count = 0 };
	size_t at;

	if (strcmp(set, search->text) == 0)
		search->is_set = true;
	if (catalog_read(&located->repository, set, &catalog, err) < 0)
		return -1;
	if (catalog_find(&catalog, search->text, &at, err) < 0)
		return err->kind == ERR_ABSENT ? 0 : -1;
	if (search->found) {
		(void)err_set(err, ERR_USAGE, 0,
		    "'%s' is a snapshot of set '%s' and one of set '%s'",
		    search->text, located->catalog.set, set);
		return err_hint(err, "name the set before the snapshot");
	}
	search->found = true;
	located->catalog = catalog;
	located->at = at;
	catalog = (struct catalog){ .count = 0 };
	return 0;
}

static int
look_everywhere(struct located *located, const char *text, struct err *err)
{
	struct search search = { .text = text, .located = located };
	const struct quote_word repository =
	    quote_word(located->repository.path, "PATH");

	if (repository_sets(&located->repository, look_in, &search, err) < 0)
		return -1;
	if (search.found)
		return 0;
	(void)err_set(err, ERR_ABSENT, 0,
	    "no set of repository '%s' has a snapshot '%s'",
	    located->repository.path, text);
	if (search.is_set)
		return err_hint(err,
		    "that is a set: name one of its snapshots after it, or "
		    "'latest'; they are shown by: litesafe list -r %s %s",
		    repository.text, quote_name(text, "SET").text);
	return err_hint(
	    err, "the sets are shown by: litesafe list -r %s", repository.text);
}

int
locate_snapshot(
    struct session *session, struct located *ret_located, struct err *err)
{
	char **operands = session->options.operands;
	unsigned count = session->options.operand_count;
	AUTO(located) struct located located = { .at = 0 };

	if (command_operands(session, 1, 2, err) < 0 ||
	    where_repository(session, &located.repository, err) < 0)
		return -1;
	if (count == 1) {
		if (look_everywhere(&located, operands[0], err) < 0)
			return -1;
	} else if (catalog_read(&located.repository, operands[0],
		       &located.catalog, err) < 0 ||
		   catalog_find(
		       &located.catalog, operands[1], &located.at, err) < 0) {
		return -1;
	}
	*ret_located = located;
	located = (struct located){ .at = 0 };
	return 0;
}

void
located_done(struct located *located)
{
	catalog_done(&located->catalog);
}

void
located_auto(struct located *located)
{
	located_done(located);
}

const struct snapshot *
located_snapshot(const struct located *located)
{
	return &located->catalog.list[located->at];
}
