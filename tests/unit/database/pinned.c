#include "tests/unit/database/pinned.h"

#include <string.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "database/pin_handle.h"
#include "tests/unit/database/live.h"

struct source pinned_source;
struct err pinned_err;

int
pinned_try(unsigned timeout_ms, const struct work *work, struct pin **ret_pin)
{
	const struct pin_options options = {
		.busy_timeout_ms = timeout_ms,
		.work = work,
	};

	return pin_open(&pinned_source, &options, ret_pin, &pinned_err);
}

void
pinned_inspect(void)
{
	cr_assert_eq(source_inspect(live_db, &pinned_source, &pinned_err), 0,
	    "%s", pinned_err.text);
}

void
pinned_inspect_frozen(void)
{
	cr_assert_eq(
	    source_inspect_frozen(live_db, &pinned_source, &pinned_err), 0,
	    "%s", pinned_err.text);
}

struct pin *
pinned_open(void)
{
	struct pin *pin = NULL;

	pinned_inspect();
	cr_assert_eq(pinned_try(30000, NULL, &pin), 0, "%s", pinned_err.text);
	return pin;
}

void
pinned_let_go(struct pin *pin)
{
	cr_assert_eq(pin_release(pin, &pinned_err), 0, "%s", pinned_err.text);
	cr_assert_eq(pin_close(pin, &pinned_err), 0, "%s", pinned_err.text);
}

void
pinned_refuse(enum err_kind kind, const char *words, const char *hint)
{
	struct pin *pin = NULL;

	pinned_err = (struct err){ 0 };
	cr_assert_eq(pinned_try(100, NULL, &pin), -1, "%s", words);
	cr_assert_eq(pinned_err.kind, kind, "%s", pinned_err.text);
	cr_assert_not_null(
	    strstr(pinned_err.text, words), "%s", pinned_err.text);
	cr_assert_not_null(
	    strstr(pinned_err.hint, hint), "%s", pinned_err.hint);
}

long long
pinned_ask(struct pin *pin, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	cr_assert_eq(sqlite3_prepare_v2(pin_handle(pin), sql, -1, &stmt, NULL),
	    SQLITE_OK, "%s", sqlite3_errmsg(pin_handle(pin)));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	long long value = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return value;
}
