/*
 * The words are promised in litesafe(1): a program compares "result", a person
 * reads what was done.
 */
#include "command/verify_report.h"

#include "database/integrity.h"

const char *
verify_answer_name(enum verify_answer answer, const struct asserted *asserted)
{
	if (answer != VERIFY_DAMAGED && asserted != NULL &&
	    asserted->refuted > 0)
		return "refuted";
	switch (answer) {
	case VERIFY_OK:
		return "ok";
	case VERIFY_DAMAGED:
		return "damaged";
	case VERIFY_UNVERIFIABLE:
		break;
	}
	return "unverifiable";
}

const char *
verify_ok_words(const struct asserted *asserted)
{
	return asserted->refuted > 0 ? "not as asserted" : "ok";
}

const char *
verify_what_was_done(const struct options *options, enum verify_level level)
{
	if (level == VERIFY_STORED)
		return "every stored byte and page sum read and compared";
	return options->verify_check == INTEGRITY_FULL
		   ? "restored and checked: integrity_check, foreign_key_check"
		   : "restored and checked: quick_check";
}

void
verify_put_answer(struct json *json, const struct options *options,
    const char *answer, enum verify_level level)
{
	json_put_text(json, "result", answer);
	json_put_text(
	    json, "level", level == VERIFY_RESTORE ? "restore" : "stored");
	if (level == VERIFY_RESTORE)
		json_put_text(json, "check",
		    options->verify_check == INTEGRITY_FULL ? "full" : "quick");
}
