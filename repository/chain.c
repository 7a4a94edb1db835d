/*
 * Faults run down a chain (catalog.c), so a snapshot without one has a chain
 * without one.  Of a bad one the walk up names the first that is bad itself.
 */
#include "repository/chain.h"

#include <stdlib.h>

#include "base/auto.h"

void
chain_done(struct chain *chain)
{
	free(chain->at);
	*chain = (struct chain){ .at = NULL };
}

void
chain_auto(struct chain *chain)
{
	chain_done(chain);
}

static int
is_bad(const struct catalog *catalog, size_t at, struct err *err)
{
	const struct snapshot *bad = &catalog->list[at];

	while (bad->faults == SNAPSHOT_BAD_ANCESTOR)
		bad = &catalog->list[bad->parent_at];
	if (bad->faults & SNAPSHOT_BAD_MANIFEST) {
		(void)catalog_bad_manifest(catalog, bad, err);
		return err_within(err, "snapshot '%s' of the set '%s'",
		    bad->name, catalog->set);
	}
	if (bad == &catalog->list[at])
		return err_set(err, ERR_DAMAGED, 0,
		    "snapshot '%s' of the set '%s' %s", bad->name, catalog->set,
		    catalog_fault_words(bad->faults));
	return err_set(err, ERR_DAMAGED, 0,
	    "snapshot '%s' of the set '%s' needs '%s', which %s",
	    catalog->list[at].name, catalog->set, bad->name,
	    catalog_fault_words(bad->faults));
}

int
chain_of(const struct catalog *catalog, size_t at, struct chain *ret_chain,
    struct err *err)
{
	AUTO(chain) struct chain chain = { .at = NULL };
	size_t count = 1;

	if (catalog->list[at].faults != SNAPSHOT_GOOD)
		return is_bad(catalog, at, err);
	for (size_t i = at; !catalog->list[i].full; count++)
		i = catalog->list[i].parent_at;
	chain.at = calloc(count, sizeof(*chain.at));
	if (chain.at == NULL)
		return err_system(err, "list a chain");
	for (; chain.count < count; chain.count++) {
		chain.at[chain.count] = at;
		at = catalog->list[at].parent_at;
	}
	*ret_chain = chain;
	chain = (struct chain){ .at = NULL };
	return 0;
}
