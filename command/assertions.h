/*
 * --check-sql: what is asserted of restored copies, before and after.
 */
#ifndef COMMAND_ASSERTIONS_H
#define COMMAND_ASSERTIONS_H

#include "base/err.h"
#include "command/command.h"
#include "command/json.h"
#include "restore/asserted.h"

/* For verify_options and audit_options. */
struct assertions assertions_wanted(const struct options *options);

/*
 * Before anything is restored: ERR_USAGE when one of them is no SELECT, or
 * nothing will be restored that could be asked.
 */
int assertions_check(const struct options *options, struct err *err);

/* In a repository: ERR_USAGE unless one set is named, which they are about. */
int assertions_name_set(const struct options *options, struct err *err);

/* Below the line of the result: those that do not hold; all with -v. */
void assertions_say(struct say *say, const struct asserted *asserted);
void assertions_put(struct json *json, const struct asserted *asserted);

/*
 * ERR_DAMAGED, in words of its own, when one does not hold of `object`: what is
 * stored is right, but not what the operator counts on.
 */
int assertions_judge(
    const struct asserted *asserted, const char *object, struct err *err);

#endif
