/*
 * The files of an old database put aside as a unit: PATH, PATH-wal,
 * PATH-journal and PATH-shm become PATH.before-20261121T015800Z and the same
 * with -wal, -journal, -shm, so that SQLite still sees them as one database.
 *
 * Two steps.  aside_keep() gives each file its second name, durably; from then
 * on nothing that happens to the first names can lose a byte.  Then the first
 * names go: by aside_let_go(), or because a rename puts another file there.
 * In between, aside_undo() takes the second names back.
 * Always true: no file is overwritten, none is without a name.
 */
#ifndef RESTORE_ASIDE_H
#define RESTORE_ASIDE_H

#include <sys/types.h>

#include "base/err.h"
#include "database/family.h"
#include "restore/target.h"

struct aside {
	char *folder; /* of all the files */
	unsigned count;
	struct aside_file {
		char *from; /* the first name */
		char *to; /* the second */
		dev_t dev;
		ino_t ino;
	} file[FAMILY_FILES];
};

/*
 * Keeps those of family_suffix[first] to [end - 1] that exist.  On failure
 * aside_undo() is still the caller's.
 */
int aside_keep(struct aside *aside, const struct target *target, unsigned first,
    unsigned end, struct err *err);

/*
 * Takes the first names away, in the order of family_suffix, durably.
 * ERR_REFUSED when one of them means another file by now.
 */
int aside_let_go(const struct aside *aside, struct err *err);

/*
 * After a failure: takes the second names away again if every first name still
 * stands; else all stay as they are.  What is still listed then is aside.
 */
void aside_undo(struct aside *aside);

/* Frees the contents; no file is touched. */
void aside_done(struct aside *aside);

#endif
