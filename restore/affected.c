/*
 * Asked by walking up from each snapshot: chains are short against the list,
 * and nothing has to be built or kept for a case that should not occur.
 */
#include "restore/affected.h"

#include <stdio.h>

bool
affected_by(const struct catalog *catalog, size_t at, size_t culprit)
{
	/* A chain that came back to itself would end, too. */
	for (size_t steps = 0; steps < catalog->count; steps++) {
		if (at == culprit)
			return true;
		if (at == SNAPSHOT_NONE)
			return false;
		at = catalog->list[at].parent_at;
	}
	return false;
}

void
affected_mark(struct catalog *catalog, size_t culprit)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (i == culprit)
			catalog->list[i].faults |= SNAPSHOT_BAD_ARCHIVE;
		else if (affected_by(catalog, i, culprit))
			catalog->list[i].faults |= SNAPSHOT_BAD_ANCESTOR;
}

void
affected_words(const struct catalog *catalog, size_t culprit,
    char ret_text[AFFECTED_TEXT_BYTES])
{
	enum { named = 6 };
	char ids[named * (SNAPSHOT_ID_BYTES + 2) + 1] = "";
	size_t count = 0, len = 0;

	for (size_t i = 0; i < catalog->count; i++) {
		if (!affected_by(catalog, i, culprit))
			continue;
		if (count++ < named)
			len += (size_t)snprintf(ids + len, sizeof(ids) - len,
			    "%s%s", len == 0 ? "" : ", ", catalog->list[i].id);
	}
	if (count == 1)
		(void)snprintf(
		    ret_text, AFFECTED_TEXT_BYTES, "snapshot %s needs it", ids);
	else if (count <= named)
		(void)snprintf(ret_text, AFFECTED_TEXT_BYTES,
		    "%zu snapshots need it: %s", count, ids);
	else
		(void)snprintf(ret_text, AFFECTED_TEXT_BYTES,
		    "%zu snapshots need it: %s and %zu more", count, ids,
		    count - named);
}
