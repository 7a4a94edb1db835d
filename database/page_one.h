/*
 * Page one of a pinned database, before the backup API hands it on.
 *
 * The backup API delivers page 1 last but for a few (the destination holds it
 * in its cache to the end) and with some header fields rewritten, while a
 * stream wants it first, and as it is.  SQLite itself fetches the source's
 * page 1 into the page cache at the beginning of every read transaction and
 * keeps it referenced to the end of it.  The documented page cache interface
 * (sqlite.org/c3ref/pcache_methods2.html) lets us see that fetch: the default
 * cache is wrapped, nothing about it changes.  capture.c proves later that
 * both ways gave the same page.
 */
#ifndef DATABASE_PAGE_ONE_H
#define DATABASE_PAGE_ONE_H

#include "base/err.h"

/* Installs the wrapper; only engine_start() calls this, before SQLite starts. */
int page_one_install(struct err *err);

/* From now on, note fetches of page 1 by this thread. */
void page_one_watch(void);

/*
 * Ends the watch: the content of the page 1 that was fetched last, or NULL
 * when none was.  The memory is SQLite's and stays valid and unchanged as long
 * as the read transaction that fetched it.
 */
const void *page_one_seen(void);

#endif
