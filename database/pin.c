/*
 * Opening and pinning, in this order: look at the side files once more; open;
 * be sure that the connection and the path mean the same file; begin, and let
 * SQLite read page 1, which is what starts the read transaction; see whether
 * the mode is the one that the connection was opened for.  Nothing is asked
 * that needs the schema: a schema that SQLite cannot parse does not keep us
 * from a backup.
 */
#include "database/pin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/engine.h"
#include "database/owner.h"
#include "database/page_one.h"
#include "database/pin_handle.h"
#include "database/reader.h"
#include "database/side_files.h"
#include "database/sqlite_error.h"
#include "database/stillness.h"
#include "database/trace.h"
#include "database/wal_index.h"

enum {
	/* The application may change the journal mode just then. */
	attempts_max = 5,
};

struct pin {
	struct source source; /* as before the connection was opened */
	struct reader reader;
	struct stillness stillness; /* of a frozen source */
	struct pin_facts facts;
	bool holds; /* in the read transaction */
	uint8_t *page_one; /* a copy, page_size bytes */

	bool evidence; /* it is wanted */
	bool log_known;
	struct wal_marks log; /* of the state, when known */
};

/* Reads page 1 and nothing else, and needs no schema. */
static const char read_page_one[] = "PRAGMA schema_version";

/*
 * SQLite does not tell which header of the WAL it took for the transaction, and
 * the one in shared memory moves on with each commit.  So it is looked at
 * before and after: if it stood still, it is ours.  A read makes SQLite open
 * the WAL first.
 */
static int
log_before(struct pin *pin, struct err *err)
{
	pin->log_known = false;
	pin->log = (struct wal_marks){ .known = false };
	if (!pin->evidence || !pin->source.through_wal)
		return 0;
	if (reader_run(&pin->reader, read_page_one, err) < 0)
		return -1;
	if (wal_index_used(pin->reader.db))
		wal_index_marks(pin->reader.db, &pin->log);
	pin->log_known = pin->log.known;
	return 0;
}

static void
log_after(struct pin *pin)
{
	struct wal_marks now = { .known = false };

	if (pin->log_known && pin->facts.wal)
		wal_index_marks(pin->reader.db, &now);
	pin->log_known = now.known && wal_marks_same_end(&now, &pin->log);
}

/* BEGIN alone would start nothing (sqlite.org/lang_transaction.html). */
static int
begin(struct pin *pin, struct err *err)
{
	if (log_before(pin, err) < 0 ||
	    reader_run(&pin->reader, "BEGIN", err) < 0)
		return -1;
	page_one_watch();
	int rc = reader_run(&pin->reader, read_page_one, err);
	const uint8_t *page = page_one_seen();
	if (rc < 0)
		return -1;
	pin->facts.start_ms = clock_now_ms();
	pin->facts.start_steady = clock_steady();
	pin->holds = true;

	if (sqlite3_txn_state(pin->reader.db, "main") != SQLITE_TXN_READ ||
	    page == NULL)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite %s did not pin '%s' as it should",
		    sqlite3_libversion(), pin->source.path);
	if (header_decode(page, HEADER_BYTES, &pin->facts.header, err) < 0)
		return err_within(err, "'%s'", pin->source.path);

	pin->facts.page_size = pin->facts.header.page_size;
	pin->facts.wal = wal_index_used(pin->reader.db);
	log_after(pin);
	pin->page_one = malloc(pin->facts.page_size);
	if (pin->page_one == NULL)
		return err_system(err, "make room for a page");
	memcpy(pin->page_one, page, pin->facts.page_size);
	pin->facts.page_one = pin->page_one;
	return 0;
}

static int
end_read(struct pin *pin, struct err *err)
{
	if (!pin->holds)
		return 0;
	pin->holds = false;
	/* Nothing was written; and a rollback is sure to write nothing. */
	int rc = sqlite3_exec(pin->reader.db, "ROLLBACK", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return err_sqlite(err, pin->reader.db, rc, "let go of '%s'",
		    pin->source.path);
	return 0;
}

/* Everything that pin_open() did, undone; all of it, whatever fails. */
static int
disconnect(struct pin *pin, struct err *err)
{
	int result = end_read(pin, err);

	free(take_ptr(&pin->page_one));
	pin->facts.page_one = NULL;
	if (pin->reader.db == NULL)
		return result;
	if (!pin->source.frozen) /* else nothing is ever ours */
		trace_remove(pin->reader.db, &pin->source);
	int rc = sqlite3_close(take_ptr(&pin->reader.db));
	if (rc != SQLITE_OK)
		return err_sqlite(
		    err, NULL, rc, "close '%s'", pin->source.path);
	return result;
}

/* SQLite makes the side files that are missing when it begins to read. */
static int
connect_and_begin(struct pin *pin, struct err *err)
{
	AUTO(owner) struct owner owner = { .taken = false };

	if (pin->source.through_wal && !pin->source.frozen)
		owner_take(&owner, &pin->source);
	if (reader_open(&pin->reader, err) < 0 ||
	    reader_same_file(&pin->reader, err) < 0)
		return -1;
	return begin(pin, err);
}

/* The application closed its database when we had just looked. */
static bool
side_files_vanished(const struct pin *pin, const struct err *err)
{
	return pin->source.guest && !pin->source.frozen &&
	       err->kind == ERR_INPUT && (err->code & 0xff) == SQLITE_CANTOPEN;
}

/*
 * One attempt; *ret_pinned is false when the journal mode or the side files
 * changed under it.
 */
static int
try_to_pin(struct pin *pin, bool *ret_pinned, struct err *err)
{
	*ret_pinned = false;
	if (source_unmoved(&pin->source, err) < 0 ||
	    side_files_look(&pin->source, err) < 0 ||
	    side_files_check(&pin->source, err) < 0)
		return -1;
	if (connect_and_begin(pin, err) < 0)
		return side_files_vanished(pin, err) ? disconnect(pin, err)
						     : -1;
	*ret_pinned = pin->facts.wal == pin->source.through_wal;
	if (*ret_pinned)
		return 0;
	if (disconnect(pin, err) < 0)
		return -1;
	pin->source.header = pin->facts.header;
	return 0;
}

static int
pin_it(struct pin *pin, struct err *err)
{
	bool pinned = false;

	for (int i = 0; i < attempts_max && !pinned; i++)
		if (try_to_pin(pin, &pinned, err) < 0)
			return -1;
	pin->facts.busy_retries = pin->reader.busy_retries;
	if (pinned)
		return reader_same_file(&pin->reader, err);
	(void)err_set(err, ERR_BUSY, 0,
	    "the journal mode or the -wal of '%s' changed each time it was "
	    "opened",
	    pin->source.path);
	return err_hint(err, "try again when the application leaves it alone");
}

/*
 * The backup API's own count.  "PRAGMA page_count" would parse the schema, and
 * the header's count may be stale.  The copy is an empty one in memory and a
 * step of no pages copies none.
 */
static int
count_pages(struct pin *pin, struct err *err)
{
	sqlite3 *copy = NULL;
	sqlite3_backup *backup = NULL;

	int rc = sqlite3_open_v2(":memory:", &copy,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_PRIVATECACHE,
	    NULL);
	if (rc == SQLITE_OK) {
		backup =
		    sqlite3_backup_init(copy, "main", pin->reader.db, "main");
		rc = backup == NULL ? sqlite3_extended_errcode(copy)
				    : sqlite3_backup_step(backup, 0);
	}
	if (rc == SQLITE_OK)
		pin->facts.page_count =
		    (uint32_t)sqlite3_backup_pagecount(backup);
	else
		(void)err_sqlite(
		    err, copy, rc, "count the pages of '%s'", pin->source.path);
	if (backup != NULL)
		(void)sqlite3_backup_finish(backup);
	(void)sqlite3_close(copy);
	return rc == SQLITE_OK ? 0 : -1;
}

int
pin_open(const struct source *source, const struct pin_options *options,
    struct pin **ret_pin, struct err *err)
{
	if (engine_start(err) < 0)
		return -1;

	AUTO(pin) struct pin *pin = calloc(1, sizeof(*pin));
	if (pin == NULL)
		return err_system(err, "open '%s'", source->path);
	pin->source = *source;
	pin->reader = (struct reader){
		.source = &pin->source,
		.busy_timeout_ms = options->busy_timeout_ms,
		.work = options->work,
	};
	pin->evidence = options->evidence && !source->frozen;
	if (source->frozen &&
	    stillness_begin(source->path, &pin->stillness, err) < 0)
		return -1;
	if (pin_it(pin, err) < 0 || count_pages(pin, err) < 0)
		return -1;
	pin_wal_state(
	    pin, &pin->facts.wal_frames, &pin->facts.wal_not_checkpointed);
	*ret_pin = take_ptr(&pin);
	return 0;
}

const struct source *
pin_source(const struct pin *pin)
{
	return &pin->source;
}

int
pin_pause(struct pin *pin, struct err *err)
{
	/* A read that failed leaves a transaction that has not begun. */
	pin->holds = pin->holds || sqlite3_get_autocommit(pin->reader.db) == 0;
	int rc = end_read(pin, err);

	free(take_ptr(&pin->page_one));
	pin->facts.page_one = NULL;
	return rc;
}

int
pin_resume(struct pin *pin, struct err *err)
{
	pin->reader.hurried = true;
	pin->reader.busy_timeout_ms = 0;
	pin->reader.waiting_since = 0;
	if (begin(pin, err) < 0)
		return -1;
	pin->facts.busy_retries = pin->reader.busy_retries;
	if (pin->facts.wal == pin->source.through_wal)
		return 0;
	return err_set(err, ERR_BUSY, 0,
	    "the journal mode of '%s' changed while it was locked",
	    pin->source.path);
}

int
pin_measure(struct pin *pin, struct err *err)
{
	if (reader_same_file(&pin->reader, err) < 0 ||
	    count_pages(pin, err) < 0)
		return -1;
	pin_wal_state(
	    pin, &pin->facts.wal_frames, &pin->facts.wal_not_checkpointed);
	return 0;
}

const struct pin_facts *
pin_facts(const struct pin *pin)
{
	return &pin->facts;
}

sqlite3 *
pin_handle(struct pin *pin)
{
	return pin->reader.db;
}

const struct wal_marks *
pin_log(const struct pin *pin)
{
	return pin->log_known ? &pin->log : NULL;
}

struct read_ahead *
pin_read_ahead(struct pin *pin)
{
	return &pin->reader.missing.ahead;
}

/*
 * A checkpoint cuts the file no shorter than the state that the oldest reader
 * has pinned, so no honest writer can make a page go missing.
 */
int
pin_lacks_nothing(const struct pin *pin, struct err *err)
{
	const struct source *source = &pin->source;
	uint64_t offset = pin->reader.missing.offset;
	uint64_t page = offset / pin->facts.page_size + 1;

	if (offset == 0)
		return 0;
	if (offset + pin->facts.page_size <= source->bytes) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "'%s' was cut off while it was read", source->path);
		return err_hint(err,
		    "find the program that writes to the database without "
		    "SQLite (a copy, a sync tool, a log rotation)");
	}
	(void)err_set(err, ERR_DAMAGED, 0,
	    "'%s' is cut off: its page %" PRIu64 " of %" PRIu32
	    " is neither in the file nor in its -wal",
	    source->path, page, pin->facts.page_count);
	return source_hint_cut_off(source, err);
}

int
pin_still_holds(struct pin *pin, struct err *err)
{
	if (sqlite3_txn_state(pin->reader.db, "main") != SQLITE_TXN_READ)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite gave up the read transaction on '%s'",
		    pin->source.path);
	if (reader_same_file(&pin->reader, err) < 0)
		return -1;
	return pin->source.frozen
		   ? stillness_end(pin->source.path, &pin->stillness, err)
		   : 0;
}

void
pin_wal_state(
    const struct pin *pin, uint64_t *ret_frames, uint64_t *ret_not_checkpointed)
{
	*ret_frames = *ret_not_checkpointed = 0;
	if (pin->facts.wal)
		wal_index_frames(
		    pin->reader.db, ret_frames, ret_not_checkpointed);
}

int
pin_release(struct pin *pin, struct err *err)
{
	return end_read(pin, err);
}

int
pin_close(struct pin *pin, struct err *err)
{
	int rc = disconnect(pin, err);

	free(pin);
	return rc;
}

void
pin_auto(struct pin **place)
{
	struct err ignored;

	if (*place != NULL)
		(void)pin_close(take_ptr(place), &ignored);
}
