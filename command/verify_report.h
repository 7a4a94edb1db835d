/*
 * How an answer of verify is told, be it about a file or about a snapshot.
 */
#ifndef COMMAND_VERIFY_REPORT_H
#define COMMAND_VERIFY_REPORT_H

#include "command/json.h"
#include "command/option_table.h"
#include "restore/verify.h"

/* "ok", "damaged", "unverifiable"; of what is not damaged, "refuted" when it is
 * not as asserted (NULL: nothing was). */
const char *
verify_answer_name(enum verify_answer answer, const struct asserted *asserted);

/* How the line of a result that is ok begins: "ok", "not as asserted". */
const char *verify_ok_words(const struct asserted *asserted);

/* "restored and checked: quick_check". */
const char *
verify_what_was_done(const struct options *options, enum verify_level level);

/* "result", "level" and, of a restored one, "check". */
void verify_put_answer(struct json *json, const struct options *options,
    const char *answer, enum verify_level level);

#endif
