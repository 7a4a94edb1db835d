/*
 * The object of a finding is a table; the database stands before the text.
 */
#include "restore/soundness.h"

#include <stdlib.h>

#include "base/auto.h"

/* Counted in full, as findings are; what is listed gets its database's name. */
static void
add_named(struct findings *to, const struct findings *from, const char *name)
{
	unsigned damaged = to->damaged + from->damaged;
	unsigned unverifiable = to->unverifiable + from->unverifiable;
	unsigned notes = to->notes + from->notes;

	for (unsigned i = 0; i < from->listed; i++)
		findings_add(to, from->list[i].kind, from->list[i].object,
		    "in '%s': %s", name, from->list[i].text);
	to->damaged = damaged;
	to->unverifiable = unverifiable;
	to->notes = notes;
}

int
soundness_check(int fd, const char *name, const char *database,
    enum integrity_level level, struct work *work, struct findings *findings,
    struct err *err)
{
	work_phase(work, "checking", 0);
	if (database == NULL)
		return integrity_check(fd, name, level, work, findings, err);

	AUTO(free) struct findings *own = calloc(1, sizeof(*own));
	if (own == NULL)
		return err_system(err, "check '%s'", database);
	if (integrity_check(fd, name, level, work, own, err) < 0)
		return err_within(err, "'%s'", database);
	add_named(findings, own, database);
	return 0;
}
