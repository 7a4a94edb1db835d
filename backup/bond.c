/*
 * As evidence_text.c: what was parsed is written again and must be the same.
 */
#include "backup/bond.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
bond_format(const struct bond *bond, const struct evidence_past *past,
    char ret_line[BOND_LINE_BYTES])
{
	char root[SHA256_TEXT_BYTES], path[SHA256_TEXT_BYTES],
	    listing[SHA256_TEXT_BYTES], evidence[EVIDENCE_TEXT_BYTES];

	sha256_format(bond->root, root);
	sha256_format(bond->path, path);
	sha256_format(bond->listing, listing);
	evidence_format(past, evidence);
	(void)snprintf(ret_line, BOND_LINE_BYTES,
	    "%s %" PRId64 " %s %s %s %s %" PRId64 " %s", bond->id,
	    bond->time_ms, root, path, listing, bond->chain, bond->chain_ms,
	    evidence);
}

/* Ids become names of files. */
static bool
is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") == SNAPSHOT_ID_BYTES - 1;
}

bool
bond_parse(
    const char *line, struct bond *ret_bond, struct evidence_past *ret_past)
{
	char root[SHA256_TEXT_BYTES], path[SHA256_TEXT_BYTES],
	    listing[SHA256_TEXT_BYTES], again[BOND_LINE_BYTES];
	struct bond bond = { .chain_ms = 0 };
	struct evidence_past past;
	struct err ignored;
	int at = 0;

	if (sscanf(line, "%16s %" SCNd64 " %64s %64s %64s %16s %" SCNd64 " %n",
		bond.id, &bond.time_ms, root, path, listing, bond.chain,
		&bond.chain_ms, &at) != 7 ||
	    !is_id(bond.id) || !is_id(bond.chain) ||
	    sha256_parse(root, bond.root, &ignored) < 0 ||
	    sha256_parse(path, bond.path, &ignored) < 0 ||
	    sha256_parse(listing, bond.listing, &ignored) < 0 ||
	    !evidence_parse(line + at, &past))
		return false;
	bond_format(&bond, &past, again);
	if (strcmp(again, line) != 0)
		return false;
	*ret_bond = bond;
	*ret_past = past;
	return true;
}
