/*
 * litesafe pin and unpin: a snapshot that no prune may take, with its chain.
 */
#include "base/auto.h"
#include "command/command.h"
#include "command/json.h"
#include "command/locate.h"
#include "repository/pin_mark.h"

static void
report(struct session *session, const struct located *located, bool pinned,
    bool changed)
{
	const struct snapshot *snapshot = located_snapshot(located);
	struct say *say = &session->say;
	struct json json;

	if (say->json) {
		json_begin(&json, say->out);
		json_put_text(&json, "type", "pin");
		json_put_text(&json, "set", located->catalog.set);
		json_put_text(&json, "id", snapshot->id);
		json_put_bool(&json, "pinned", pinned);
		json_put_bool(&json, "changed", changed);
		json_end(&json);
	}
	say_line(say, "%s: snapshot %s %s%s", located->catalog.set,
	    snapshot->id, changed ? "is " : "was ",
	    pinned ? (changed ? "pinned now" : "pinned already")
		   : (changed ? "no longer pinned" : "not pinned"));
}

int
cmd_pin(struct session *session, struct err *err)
{
	AUTO(located) struct located located = { .at = 0 };
	bool changed = false;

	if (locate_snapshot(session, &located, err) < 0 ||
	    pin_mark_set(&located.catalog, located_snapshot(&located), &changed,
		err) < 0)
		return -1;
	report(session, &located, true, changed);
	return 0;
}

int
cmd_unpin(struct session *session, struct err *err)
{
	AUTO(located) struct located located = { .at = 0 };
	bool changed = false;

	if (locate_snapshot(session, &located, err) < 0 ||
	    pin_mark_clear(&located.catalog, located_snapshot(&located),
		&changed, err) < 0)
		return -1;
	report(session, &located, false, changed);
	return 0;
}
