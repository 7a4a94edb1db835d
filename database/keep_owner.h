/*
 * Opened by root, a -wal or -shm keeps its ctime when its owner is right.
 *
 * SQLite, as root, gives each -wal and -shm that it opens to the owner of the
 * database (robustFchown() in its os_unix.c), also one that is his already; the
 * kernel notes that as a change.  So each backup by root would leave a trace,
 * and look like a change to the next one.
 *
 * For this room only.
 */
#ifndef DATABASE_KEEP_OWNER_H
#define DATABASE_KEEP_OWNER_H

/*
 * Puts a call that does nothing where nothing is to be done in the place of
 * SQLite's fchown().  Only engine_start() calls this.  Where SQLite does not
 * let us, all stays as it is.
 */
void keep_owner_install(void);

#endif
