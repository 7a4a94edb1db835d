/*
 * Why a database with a hot journal is not backed up, and what to do about it.
 */
#ifndef DATABASE_HOT_JOURNAL_H
#define DATABASE_HOT_JOURNAL_H

#include "base/err.h"
#include "database/source.h"

/*
 * SQLite answers SQLITE_READONLY_ROLLBACK, or would: fills `err`, an ERR_INPUT, with what
 * the -journal is and the operator's next step.  Returns -1.
 */
int hot_journal_explain(const struct source *source, struct err *err);

#endif
