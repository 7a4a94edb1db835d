/*
 * All pages of a pinned database, once each, in ascending order.
 *
 * In:  a pin.
 * Out: page 1 as it is in the source, bit for bit; 2 to page_count as the
 *      backup API reads them; the lock-byte page (the one at 1 GiB, which
 *      SQLite never uses and never delivers) as zeros.
 * Always true on success: page_count pages were handed on; SQLite restarted
 *      nothing; page 1 as seen at the pin equals what the backup API
 *      delivered but for the fields that it rewrites; no page was missing and
 *      taken for zeros; the file still had its name.
 */
#ifndef DATABASE_CAPTURE_H
#define DATABASE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pace.h"
#include "base/work.h"
#include "database/pin.h"

struct capture_options {
	const struct work *work; /* asked every few pages; may be NULL */
	struct pace *pace; /* of reading; NULL: as fast as it goes */
	/*
	 * A thread of its own reads ahead of SQLite.  Shorter, where whoever
	 * takes the pages leaves a processor idle; else only more work in all.
	 */
	bool read_beside;
	int (*page)(void *ctx, const uint8_t *page, struct err *err);
	void *ctx;
};

int capture_run(
    struct pin *pin, const struct capture_options *options, struct err *err);

#endif
