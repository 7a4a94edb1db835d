/*
 * A file under construction, and the one way in which a file gets its name.
 *
 * The draft lies in the folder of its final path and has no name at all where
 * the filesystem can do that (O_TMPFILE), so that even kill -9 leaves nothing
 * behind; elsewhere it is called "NAME.litesafe-XXXXXX" meanwhile.  Its mode
 * is 0600, whatever the umask.  draft_publish() is: fsync, link or rename,
 * fsync of the folder.  Whatever ends before that abandons the draft, also that
 * the folder's path leads to another folder by then.
 */
#ifndef BASE_DRAFT_H
#define BASE_DRAFT_H

#include <stdbool.h>

#include "base/err.h"

enum draft_conflict {
	DRAFT_REFUSE, /* a file that has the name meanwhile stays: ERR_REFUSED */
	DRAFT_REPLACE, /* it is replaced in one step */
};

struct draft {
	int fd; /* read-write; -1 when there is no draft */
	char *path; /* the final path, as given; for messages too */
	char *folder; /* the folder of it */
	int folder_fd; /* the same, open (O_PATH); -1 when there is no draft */
	char *temp; /* the draft's name for now; NULL when it has none */
};

#define DRAFT_NONE \
	{ \
		.fd = -1, .folder_fd = -1 \
	}

/* Begins a draft for `path`; its folder must exist. */
int draft_open(const char *path, struct draft *ret_draft, struct err *err);

/*
 * The same in a folder that is open, and is the one of `path` or was; the
 * descriptor stays the caller's.
 */
int draft_open_in(
    int folder_fd, const char *path, struct draft *ret_draft, struct err *err);

/* Another final name for a draft that has none yet, in the same folder. */
int draft_rename(struct draft *draft, const char *path, struct err *err);

/*
 * Makes the content durable and gives it its name.  On success the draft is
 * closed.  On failure it is still abandonable; once the error comes from the
 * last step (flushing the folder) the name is already there and the message
 * says so.
 */
int draft_publish(
    struct draft *draft, enum draft_conflict conflict, struct err *err);

/*
 * Gives it its name, in place of what has it now, and flushes nothing: after a
 * power cut the file may be the old one, the new one, or damaged.  Only for
 * what is proved when it is read, and can be made anew.
 */
int draft_publish_unflushed(struct draft *draft, struct err *err);

/* ".litesafe-" and six hex digits: how the name of a draft that has one ends. */
bool draft_is_suffix(const char *text);

/* Abandons what was not published. */
void draft_auto(struct draft *draft);

#endif
