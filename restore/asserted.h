/*
 * What an operator asserts of restored databases, and what came of it.
 *
 * In:  texts as database/assertion.h takes them, and images that SQLite found
 *      to be whole.
 * Out: one answer for each text, in their order.
 */
#ifndef RESTORE_ASSERTED_H
#define RESTORE_ASSERTED_H

#include <stddef.h>

#include "base/err.h"
#include "base/work.h"
#include "database/assertion.h"
#include "restore/scratch.h"

/* The texts are the caller's, and outlive the answers. */
struct assertions {
	const char *const *texts;
	size_t count;
};

struct asserted_one {
	const char *text;
	struct assertion_answer answer;
};

struct asserted {
	struct asserted_one *list; /* allocated */
	size_t count; /* 0: nothing was asked */
	size_t refuted; /* of them do not hold */
};

/*
 * Asks the images; `name` is the archive's.  An assertion without a name of a
 * database is ERR_USAGE where there are several.  *ret_asserted is freed with
 * asserted_done(), also after a failure.
 */
int asserted_ask(const struct scratch *scratch, const char *name,
    const struct assertions *assertions, struct work *work,
    struct asserted *ret_asserted, struct err *err);

void asserted_done(struct asserted *asserted);

#endif
