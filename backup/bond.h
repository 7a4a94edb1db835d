/*
 * What the evidence of a state is bound to: the snapshot that holds it, and
 * where in the repository that was the one to continue from.
 *
 * For this room only.
 */
#ifndef BACKUP_BOND_H
#define BACKUP_BOND_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "database/evidence_text.h"

struct bond {
	char id[SNAPSHOT_ID_BYTES]; /* of the snapshot */
	int64_t time_ms; /* its time */
	uint8_t root[SHA256_BYTES]; /* its root: of the state, too */
	uint8_t path[SHA256_BYTES]; /* of the database's path */

	/*
	 * The sum of the set's folder (set_digest.h) with which the snapshot was
	 * found to be the one that the next one continues from, and will be
	 * found to be, however late; else zeros, and the rest is not known.
	 */
	uint8_t listing[SHA256_BYTES];
	char chain[SNAPSHOT_ID_BYTES]; /* its full */
	int64_t chain_ms; /* the time of that */
};

enum {
	BOND_TEXT_BYTES = 2 * SNAPSHOT_ID_BYTES + 3 * SHA256_TEXT_BYTES + 48,
	BOND_LINE_BYTES = BOND_TEXT_BYTES + EVIDENCE_TEXT_BYTES,
};

/* A line of text, and its exact inverse: false for any other line. */
void bond_format(const struct bond *bond, const struct evidence_past *past,
    char ret_line[BOND_LINE_BYTES]);
bool bond_parse(
    const char *line, struct bond *ret_bond, struct evidence_past *ret_past);

#endif
