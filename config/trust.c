/*
 * The folders above are not looked at: who owns one can put another file there,
 * but not one that belongs to root.
 */
#include "config/trust.h"

#include <stdbool.h>
#include <unistd.h>

#include "base/quote.h"

static int
refuse(const char *path, const char *who, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' can be written by %s, and it can have programs run", path,
	    who);
	return err_hint(err, "see 'ls -ld'; set right with: chmod go-w %s",
	    quote_word(path, "FILE").text);
}

int
trust_check(const struct stat *status, const char *path, struct err *err)
{
	bool root = geteuid() == 0;

	if ((status->st_mode & S_IWOTH) != 0)
		return refuse(path, "everybody", err);
	if (root && status->st_uid != 0) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "'%s' belongs to user %u, and root runs what it says", path,
		    (unsigned)status->st_uid);
		return err_hint(err,
		    "run litesafe as that user, or, after a look at it: chown "
		    "root '%s'",
		    path);
	}
	/* Also root's own: an access control list shows itself in these bits. */
	if (root && (status->st_mode & S_IWGRP) != 0)
		return refuse(path, "its group", err);
	return 0;
}
