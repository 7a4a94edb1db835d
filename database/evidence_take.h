/*
 * Taking the evidence of a pinned state.
 */
#ifndef DATABASE_EVIDENCE_TAKE_H
#define DATABASE_EVIDENCE_TAKE_H

#include <stdbool.h>

#include "database/evidence.h"
#include "database/pin.h"

/*
 * The facts of the state that is pinned, by pin_options.evidence, before any of
 * its pages is read.  False when they cannot be had: somebody committed while
 * the state was being pinned, or the system does not tell.
 */
bool evidence_take(const struct pin *pin, struct evidence *ret_evidence);

#endif
