#include "images.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "database/engine.h"
#include "tests/unit/shared/fresh.h"

/* What only the application knows. */
static int
backwards(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	int least = a_len < b_len ? a_len : b_len;
	int order = memcmp(b, a, (size_t)least);

	(void)ctx;
	return order != 0 ? order : b_len - a_len;
}

static void
same(sqlite3_context *ctx, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_value(ctx, values[0]);
}

int
image_with(const char *sql)
{
	char folder[FRESH_BYTES];
	char path[FRESH_BYTES + 8];
	char *why = NULL;
	sqlite3 *db = NULL;

	struct err err = { 0 };

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	fresh_folder(folder);
	(void)snprintf(path, sizeof(path), "%s/db", folder);
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_create_collation(db, "APP", SQLITE_UTF8, NULL, backwards);
	(void)sqlite3_create_function(db, "app", 1,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, same,
	    NULL, NULL);
	cr_assert_eq(
	    sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK, "%s", why);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(rmdir(folder), 0);
	return fd;
}
