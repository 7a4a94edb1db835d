/*
 * Every method but xFetch is SQLite's own, entered directly.  The watch is a
 * thread's own: other threads' connections use the same methods.
 *
 * When xFetch() returns, the page may not have its content yet; it has by the
 * end of the statement that asked for it.  SQLite fetches page 1 again when it
 * finds that the page size is not what it assumed, and then from a new cache,
 * so the last fetch is the one that counts.
 */
#include "database/page_one.h"

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

static sqlite3_pcache_methods2 original; /* written before SQLite starts */

static _Thread_local bool watching;
static _Thread_local sqlite3_pcache_page *seen;

static sqlite3_pcache_page *
fetch(sqlite3_pcache *cache, unsigned number, int create)
{
	sqlite3_pcache_page *page = original.xFetch(cache, number, create);

	if (watching && number == 1 && page != NULL)
		seen = page;
	return page;
}

int
page_one_install(struct err *err)
{
	int rc = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &original);

	if (rc == SQLITE_OK) {
		sqlite3_pcache_methods2 methods = original;

		methods.xFetch = fetch;
		rc = sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
	}
	if (rc != SQLITE_OK)
		return err_set(err, ERR_FAILED, rc,
		    "wrap SQLite's page cache: %s", sqlite3_errstr(rc));
	return 0;
}

void
page_one_watch(void)
{
	seen = NULL;
	watching = true;
}

const void *
page_one_seen(void)
{
	const void *content = seen == NULL ? NULL : seen->pBuf;

	watching = false;
	seen = NULL;
	return content;
}
