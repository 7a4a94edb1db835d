/*
 * What was told already is not told again: the error in the end is for the
 * exit code and for the summary.
 */
#include "command/tally.h"

#include <stdio.h>

#include "command/exit_code.h"
#include "command/json.h"

void
tally_put(struct session *session, const struct tally_object *object,
    const struct err *one)
{
	struct json json;

	if (!session->say.json)
		return;
	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "error");
	json_put_text(&json, "set", object->set);
	json_put_text(&json, "path", object->path);
	json_put_text(&json, "error", one->text);
	json_put_text(&json, "hint", one->hint[0] == '\0' ? NULL : one->hint);
	json_put_integer(&json, "exit_code", exit_code(one));
	json_end(&json);
	(void)fflush(session->say.out);
}

void
tally_add(struct tally *tally, const struct err *one)
{
	tally->failed++;
	if (tally->first.kind == ERR_NONE)
		tally->first = *one;
	else if (tally->first.kind != one->kind)
		tally->alike = false;
}

int
tally_failed(struct tally *tally, struct session *session,
    const struct tally_object *object, struct err *one, struct err *err)
{
	hint_for(one, session->command->name);
	tally_put(session, object, one);
	if (object->set != NULL && one->kind != ERR_STOPPED)
		(void)err_within(one, "%s", object->set);
	say_error(&session->say, one);
	session->counts.failed++;
	tally_add(tally, one);
	if (one->kind != ERR_STOPPED)
		return 0;
	*err = *one;
	return -1;
}

int
tally_end(const struct tally *tally, struct err *err)
{
	if (tally->first.kind == ERR_NONE)
		return 0;
	*err = tally->first;
	if (tally->alike && tally->fine == 0)
		return -1;
	return err_set(err, ERR_PARTIAL, 0,
	    "%zu of %zu failed; each was told when it did", tally->failed,
	    tally->failed + tally->fine);
}
