/*
 * Two filesystems of ours have such files: the image of a backup that is
 * checked, and a frozen database.
 */
#include "database/read_only.h"

int
read_only_xwrite(
    sqlite3_file *base, const void *buf, int len, sqlite3_int64 offset)
{
	(void)base, (void)buf, (void)len, (void)offset;
	return SQLITE_READONLY;
}

int
read_only_xtruncate(sqlite3_file *base, sqlite3_int64 size)
{
	(void)base, (void)size;
	return SQLITE_READONLY;
}

int
read_only_xsync(sqlite3_file *base, int flags)
{
	(void)base, (void)flags;
	return SQLITE_OK;
}

int
read_only_xlock(sqlite3_file *base, int level)
{
	(void)base, (void)level;
	return SQLITE_OK;
}

int
read_only_xreserved(sqlite3_file *base, int *ret_reserved)
{
	(void)base;
	*ret_reserved = 0;
	return SQLITE_OK;
}

int
read_only_xsector(sqlite3_file *base)
{
	(void)base;
	return 512;
}

int
read_only_xtraits(sqlite3_file *base)
{
	(void)base;
	return 0;
}
