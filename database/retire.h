/*
 * An old database made whole and kept still, so that it can be put aside.
 *
 * In:  a database that nobody has open.
 * Out: the same database, exclusively locked by us, with everything that was
 *      in its -wal or hot -journal taken into the main file, and with no side
 *      files; its journal mode unchanged.
 * While it is held nobody else can read or write it.  Letting go touches
 * nothing by name any more: by then the name may be another file's.
 */
#ifndef DATABASE_RETIRE_H
#define DATABASE_RETIRE_H

#include "base/err.h"

struct retired;

/*
 * ERR_BUSY when somebody has it open, ERR_DAMAGED when it is no database or
 * SQLite cannot take its side files in, ERR_INPUT when it is no regular file or
 * may not be written, ERR_REFUSED when it has several hard links.  On failure no
 * file was removed but a journal that SQLite itself had rolled back.
 */
int
retire_open(const char *path, struct retired **ret_retired, struct err *err);
void retire_close(struct retired *retired);
void retired_auto(struct retired **place);

#endif
