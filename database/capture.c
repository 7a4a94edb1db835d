/*
 * The backup API reads the pinned pages and writes them to the tap.  It hands
 * on 2, 3, ... in order, page 1 somewhere in between, and everything once; were
 * it to start again because the source changed, the order would break, so the
 * order is the proof that it did not.
 *
 * Page 1 is handed on first, as it was seen at the pin.  The one that comes by
 * the tap differs in what the backup API rewrites (change counter, page count,
 * schema cookie, version-valid-for, writer's version) and nowhere else, or the
 * capture fails.
 */
#include "database/capture.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "database/pin_handle.h"
#include "database/sqlite_error.h"
#include "database/tap.h"

enum {
	/* A step of this many bytes takes a fraction of a millisecond. */
	step_bytes = 1 << 20,
	/* SQLite's locks lie here; no database has content in that page. */
	lock_byte = 0x40000000,
};

/* Bytes of page 1 that the backup API gives values of its own. */
static const struct {
	uint8_t first, last;
} rewritten[] = { { 24, 31 }, { 40, 43 }, { 92, 99 } };

struct walk {
	const struct capture_options *options;
	const struct pin_facts *facts;
	uint32_t lock_page;
	uint32_t next; /* the page to hand on next */
	bool page_one_compared;
	uint8_t *zeros; /* a page of them */
};

static void
walk_auto(struct walk *walk)
{
	free(walk->zeros);
}

static bool
is_rewritten(uint32_t place)
{
	for (size_t i = 0; i < sizeof(rewritten) / sizeof(rewritten[0]); i++)
		if (place >= rewritten[i].first && place <= rewritten[i].last)
			return true;
	return false;
}

static int
compare_page_one(struct walk *walk, const uint8_t *page, struct err *err)
{
	const struct pin_facts *facts = walk->facts;

	if (walk->page_one_compared)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite handed on page 1 twice: it restarted the copy");
	walk->page_one_compared = true;
	for (uint32_t i = 0; i < facts->page_size; i++)
		if (page[i] != facts->page_one[i] && !is_rewritten(i))
			return err_set(err, ERR_FAILED, 0,
			    "page 1 as it was pinned and as SQLite copied it "
			    "differ in byte %" PRIu32,
			    i);
	return 0;
}

static int
hand_on(struct walk *walk, const uint8_t *page, struct err *err)
{
	walk->next++;
	return walk->options->page(walk->options->ctx, page, err);
}

static int
hand_on_lock_page(struct walk *walk, struct err *err)
{
	if (walk->next != walk->lock_page ||
	    walk->next > walk->facts->page_count)
		return 0;
	return hand_on(walk, walk->zeros, err);
}

/* A page from the tap. */
static int
take_page(void *ctx, uint32_t number, const uint8_t *page, uint32_t page_size,
    struct err *err)
{
	struct walk *walk = ctx;

	if (page_size != walk->facts->page_size)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite copies pages of %" PRIu32 " bytes, but %" PRIu32
		    " were pinned",
		    page_size, walk->facts->page_size);
	if (number == 1)
		return compare_page_one(walk, page, err);
	if (hand_on_lock_page(walk, err) < 0)
		return -1;
	if (number != walk->next || number > walk->facts->page_count)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite handed on page %" PRIu32 " where %" PRIu32
		    " of %" PRIu32 " was due",
		    number, walk->next, walk->facts->page_count);
	return hand_on(walk, page, err);
}

static int
walk_begin(struct walk *walk, struct err *err)
{
	walk->zeros = calloc(1, walk->facts->page_size);
	if (walk->zeros == NULL)
		return err_system(err, "make room for a page");
	walk->lock_page = lock_byte / walk->facts->page_size + 1;
	walk->next = 1;
	return hand_on(walk, walk->facts->page_one, err);
}

static int
walk_finish(struct walk *walk, struct err *err)
{
	if (hand_on_lock_page(walk, err) < 0)
		return -1;
	/* Subtracted: the page count may be the largest number there is. */
	if (walk->next - 1 != walk->facts->page_count ||
	    !walk->page_one_compared)
		return err_set(err, ERR_FAILED, 0,
		    "SQLite handed on %" PRIu32 " of %" PRIu32 " pages",
		    walk->next - 1, walk->facts->page_count);
	return 0;
}

static void
backup_auto(sqlite3_backup **place)
{
	if (*place != NULL)
		(void)sqlite3_backup_finish(*place);
}

static void
connection_auto(sqlite3 **place)
{
	(void)sqlite3_close(*place);
}

/* With the state pinned nothing can be busy, so every error is final. */
static int
copy_failed(const struct pin *pin, const struct tap *tap, sqlite3 *copy, int rc,
    struct err *err)
{
	if (pin_lacks_nothing(pin, err) < 0)
		return -1;
	if (tap->err.kind == ERR_NONE)
		return err_sqlite(err, copy, rc, "copy the pages");
	*err = tap->err;
	return -1;
}

/* A step is as long as its pace allows without a burst, but one page at least. */
static int
pages_of_step(const struct walk *walk)
{
	const struct pace *pace = walk->options->pace;
	size_t bytes = pace == NULL ? step_bytes : pace_piece(pace, step_bytes);
	size_t pages = bytes / walk->facts->page_size;

	return pages == 0 ? 1 : (int)pages;
}

/*
 * -1 also when the wait for its turn was ended.  What counts is what was read:
 * the copy's cache hands some pages on later.
 */
static int
step(const struct walk *walk, sqlite3_backup *backup, int pages, int *ret_rc,
    struct err *err)
{
	const struct capture_options *options = walk->options;

	if (work_check(options->work, err) < 0)
		return -1;
	*ret_rc = sqlite3_backup_step(backup, pages);
	if (*ret_rc != SQLITE_OK || options->pace == NULL)
		return 0;
	return pace_keep(options->pace,
	    (uint64_t)pages * walk->facts->page_size, options->work, err);
}

static int
copy_pages(struct pin *pin, struct walk *walk, struct err *err)
{
	struct tap tap = { .page = take_page, .ctx = walk };
	AUTO(connection) sqlite3 *copy = NULL;
	int pages = pages_of_step(walk);

	if (tap_open(&tap, &copy, err) < 0)
		return -1;
	AUTO(read_ahead) struct read_ahead *ahead = pin_read_ahead(pin);
	read_ahead_begin(ahead,
	    walk->options->read_beside ? READ_AHEAD_BESIDE : READ_AHEAD_ITSELF);
	AUTO(backup)
	sqlite3_backup *backup =
	    sqlite3_backup_init(copy, "main", pin_handle(pin), "main");
	if (backup == NULL)
		return err_sqlite(err, copy, sqlite3_extended_errcode(copy),
		    "begin to copy the pages");

	int rc = SQLITE_OK;
	while (rc == SQLITE_OK)
		if (step(walk, backup, pages, &rc, err) < 0)
			return -1;
	if (rc != SQLITE_DONE)
		return copy_failed(pin, &tap, copy, rc, err);
	rc = sqlite3_backup_finish(take_ptr(&backup));
	return rc == SQLITE_OK ? 0 : copy_failed(pin, &tap, copy, rc, err);
}

int
capture_run(
    struct pin *pin, const struct capture_options *options, struct err *err)
{
	AUTO(walk)
	struct walk walk = { .options = options, .facts = pin_facts(pin) };

	if (walk_begin(&walk, err) < 0 || copy_pages(pin, &walk, err) < 0 ||
	    walk_finish(&walk, err) < 0)
		return -1;
	return pin_still_holds(pin, err);
}
