#include "tests/support/shared/sql.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
sql_die(sqlite3 *db, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fprintf(stderr, "%s: ", program_invocation_short_name);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fprintf(stderr, ": %s\n", db == NULL ? "" : sqlite3_errmsg(db));
	exit(1);
}

void
sql_run(sqlite3 *db, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *sql = sqlite3_vmprintf(fmt, args);
	va_end(args);
	if (sql == NULL || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		sql_die(db, "%s", sql == NULL ? "no memory" : sql);
	sqlite3_free(sql);
}
