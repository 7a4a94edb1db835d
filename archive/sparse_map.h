/*
 * The map in front of a sparse member's data (the GNU tar manual, "Sparse
 * Formats", PAX format 1.0): how many entries, then offset and length of each,
 * as decimal numbers with a line end, filled up with zeros to a whole block.
 *
 * In:  text, hostile, that should be a map and nothing else.
 * Out: what it adds up to.  Always true of an accepted map: it is the only
 *      text for these runs.  Runs are whole units, in ascending order, lie in
 *      the file and do not touch; there are at most RUNS_MAX.  An empty entry
 *      at the file's end follows if the last run does not reach it.  A run of
 *      the whole file needs no map and has none.
 */
#ifndef ARCHIVE_SPARSE_MAP_H
#define ARCHIVE_SPARSE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sparse_map {
	uint64_t size; /* of the file */
	uint32_t unit; /* bytes: all runs are multiples of it */
	uint32_t runs;
	uint64_t bytes; /* in them */
};

/*
 * Whether the map claims no more entries than any of ours has.  For a look at
 * it before somebody reads it who has no limit.
 */
bool sparse_map_is_bounded(const uint8_t *map, size_t len);

/* Fills runs and bytes by all of map[0 .. len); else ERR_DAMAGED. */
int sparse_map_decode(
    const uint8_t *map, size_t len, struct sparse_map *sparse, struct err *err);

#endif
