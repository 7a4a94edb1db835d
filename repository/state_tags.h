/*
 * What this machine remembers of a set beside its page sums (state.h): the page
 * tags of its newest snapshot and the key they were made with, so that the next
 * backup need not sum the pages that stayed.
 *
 * The file "tags", or in a set of several databases NAME.tags, of mode 0600: the tags in page order, then the key, the root
 * of the snapshot that they are of, and a seal over all of it.  Nothing is
 * believed that is not whole, of the root that is asked for, and of this user's
 * own making; a file that is none of that costs a scan and nothing else.
 */
#ifndef REPOSITORY_STATE_TAGS_H
#define REPOSITORY_STATE_TAGS_H

#include <stdint.h>

#include "archive/manifest.h"
#include "base/draft.h"
#include "base/err.h"
#include "base/page_tag.h"
#include "repository/state.h"

/*
 * So many snapshots in a row go by their parent's tags; the next one finds
 * none, sums every page anew, and takes another key.
 */
enum { STATE_TAGS_AGE_MAX = 24 };

struct state_tags {
	int fd; /* PAGE_TAG_BYTES a page, from its beginning on; or -1 */
	uint8_t key[PAGE_TAG_KEY_BYTES];
	uint32_t age; /* snapshots since all pages were summed */
};

#define STATE_TAGS_NONE \
	{ \
		.fd = -1 \
	}

/* Those of the parent; fd is the caller's to close, or -1: never an error. */
void state_tags_open(const struct state *state, const char *name,
    const struct manifest_database *parent, struct state_tags *ret_tags);

/* A file for new tags, to be written from its beginning on. */
int state_tags_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err);

/*
 * Seals the tags of all of the database's pages, which are in the draft, and
 * gives the file its name.  Of *tags `key` and `age` count.  Flushes nothing:
 * what a power cut leaves of the file is not believed.
 */
int state_tags_keep(struct draft *draft, const struct state_tags *tags,
    const struct manifest_database *db, struct err *err);

#endif
