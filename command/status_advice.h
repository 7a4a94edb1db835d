/*
 * What to do about a finding, as a line that ends with a command, which can be
 * pasted.
 */
#ifndef COMMAND_STATUS_ADVICE_H
#define COMMAND_STATUS_ADVICE_H

#include "command/status_round.h"
#include "status/verdict.h"

/* New text, free() it; NULL where the finding says all there is to say, and
 * when memory is gone. */
char *status_advice(const struct status_round *round,
    const struct status_one *one, enum status_id id);

#endif
