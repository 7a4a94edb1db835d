/*
 * How an answer of verify is told, be it about a file or about a snapshot.
 */
#ifndef COMMAND_VERIFY_REPORT_H
#define COMMAND_VERIFY_REPORT_H

#include "command/json.h"
#include "command/option_table.h"
#include "restore/verify.h"

/* "ok", "damaged", "unverifiable". */
const char *verify_answer_name(enum verify_answer answer);

/* "restored and checked: quick_check". */
const char *
verify_what_was_done(const struct options *options, enum verify_level level);

/* "result", "level" and, of a restored one, "check". */
void verify_put_answer(struct json *json, const struct options *options,
    const char *answer, enum verify_level level);

#endif
