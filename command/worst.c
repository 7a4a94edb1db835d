/*
 * Of equals the first one stays: what came later may be its consequence.
 */
#include "command/worst.h"

#include "command/exit_code.h"

static int
rank(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return 0;
	case ERR_DAMAGED:
		return 2;
	case ERR_STOPPED:
		return 3;
	default:
		return 1;
	}
}

void
worst_keep(struct err *worst, const struct err *one)
{
	if (rank(one) > rank(worst))
		*worst = *one;
}

int
worst_tell(struct session *session, struct err *worst, struct err *one)
{
	hint_for(one, session->command->name);
	say_error(&session->say, one);
	worst_keep(worst, one);
	return one->kind == ERR_STOPPED ? -1 : 0;
}
