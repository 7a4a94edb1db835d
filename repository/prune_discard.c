/*
 * The plan for what nobody can restore.  Retention has no say: the rules choose
 * states, and these are none.
 */
#include "repository/prune.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static int
find(const struct catalog *catalog, const char *id, size_t *ret_at,
    struct err *err)
{
	for (size_t i = 0; i < catalog->count; i++) {
		if (strcmp(catalog->list[i].id, id) != 0)
			continue;
		*ret_at = i;
		return 0;
	}
	return err_set(err, ERR_ABSENT, 0,
	    "set '%s' has no snapshot '%s' any more", catalog->set, id);
}

/* Parents stand before their children. */
static int
choose(struct prune_plan *plan, size_t root, struct err *err)
{
	const struct catalog *catalog = &plan->catalog;

	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *s = &catalog->list[i];
		bool goes = i == root || (s->parent_at != SNAPSHOT_NONE &&
					     plan->root[s->parent_at] == root);

		plan->root[i] = goes ? root : i;
		/* Only that it stays means something here. */
		plan->verdicts[i].reason =
		    goes ? RETENTION_GOES : RETENTION_NEEDED;
		if (!goes)
			continue;
		if (s->pinned) {
			(void)err_set(err, ERR_REFUSED, 0,
			    "snapshot '%s' of set '%s' is pinned", s->id,
			    catalog->set);
			return err_hint(err,
			    "let it go, and run this again: %s %s",
			    catalog_command(catalog, "unpin").text, s->id);
		}
		plan->goes++;
		if ((s->faults & SNAPSHOT_NO_ARCHIVE) == 0)
			plan->bytes += s->archive_bytes;
	}
	return 0;
}

int
prune_plan_discard(const struct repository *repository, const char *set,
    const char *id, struct prune_plan *ret_plan, struct err *err)
{
	AUTO(prune_plan) struct prune_plan plan = { .goes = 0 };
	size_t root = 0;

	if (catalog_read_condemned(repository, set, &plan.catalog, err) < 0 ||
	    prune_must_be_whole(&plan.catalog, err) < 0 ||
	    find(&plan.catalog, id, &root, err) < 0)
		return -1;
	size_t count = plan.catalog.count + 1;
	plan.root = calloc(count, sizeof(*plan.root));
	plan.verdicts = calloc(count, sizeof(*plan.verdicts));
	plan.orphan_goes =
	    calloc(plan.catalog.orphan_count + 1, sizeof(*plan.orphan_goes));
	if (plan.root == NULL || plan.verdicts == NULL ||
	    plan.orphan_goes == NULL)
		return err_system(err, "plan what is discarded");
	if (choose(&plan, root, err) < 0)
		return -1;
	*ret_plan = plan;
	plan = (struct prune_plan){ .goes = 0 };
	return 0;
}
