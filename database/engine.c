/*
 * The log callback keeps one message for each thread, in memory that the
 * thread already has: SQLite calls it from deep inside, where nothing may be
 * allocated and SQLite may not be used (sqlite.org/errlog.html).
 */
#include "database/engine.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "database/keep_owner.h"
#include "database/page_one.h"

static pthread_once_t started = PTHREAD_ONCE_INIT;
static struct err start_err; /* written once, before anybody reads it */

static _Thread_local char warning[400];

/* What SQLite's unix VFS says of a file whose name cannot be relied on. */
static bool
is_dangerous(const char *message)
{
	static const char *const known[] = {
		"multiple links to file",
		"file renamed while open",
		"file unlinked while open",
		"cannot fstat db file",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(message, known[i], strlen(known[i])) == 0)
			return true;
	return false;
}

static void
log_message(void *ctx, int code, const char *message)
{
	(void)ctx;
	if ((code & 0xff) != SQLITE_WARNING || warning[0] != '\0' ||
	    !is_dangerous(message))
		return;
	(void)snprintf(warning, sizeof(warning), "%s", message);
}

static int
set_up(struct err *err)
{
	if (sqlite3_threadsafe() == 0)
		return err_set(err, ERR_FAILED, 0,
		    "the linked SQLite %s was built without threads",
		    sqlite3_libversion());

	int rc = sqlite3_config(SQLITE_CONFIG_LOG, log_message, NULL);
	if (rc == SQLITE_MISUSE)
		return err_set(err, ERR_FAILED, rc,
		    "SQLite was used before it was set up");
	if (rc != SQLITE_OK)
		return err_set(err, ERR_FAILED, rc, "set SQLite's log: %s",
		    sqlite3_errstr(rc));
	if (page_one_install(err) < 0)
		return -1;
	rc = sqlite3_initialize();
	if (rc != SQLITE_OK)
		return err_set(err, ERR_FAILED, rc, "start SQLite: %s",
		    sqlite3_errstr(rc));
	(void)sqlite3_hard_heap_limit64(ENGINE_HEAP_MAX);
	keep_owner_install();
	return 0;
}

static void
start(void)
{
	(void)set_up(&start_err);
}

int
engine_start(struct err *err)
{
	(void)pthread_once(&started, start);
	if (start_err.kind == ERR_NONE)
		return 0;
	*err = start_err;
	return -1;
}

const char *
engine_version(void)
{
	return sqlite3_libversion();
}

uint32_t
engine_version_number(void)
{
	return (uint32_t)sqlite3_libversion_number();
}

bool
engine_warned(char *ret_text, unsigned size)
{
	if (warning[0] == '\0')
		return false;
	(void)snprintf(ret_text, size, "%s", warning);
	return true;
}

void
engine_forget_warnings(void)
{
	warning[0] = '\0';
}
