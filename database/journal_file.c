/*
 * SQLite looks at the first byte only: a journal that counts begins with a
 * magic number, and one that was ended in place begins with zeros.
 */
#include "database/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/family.h"

int
journal_file_look(
    const char *path, enum journal_state *ret_state, struct err *err)
{
	char name[FAMILY_NAME_MAX];
	uint8_t first = 0;
	size_t got = 0;

	*ret_state = JOURNAL_ABSENT;
	if (snprintf(name, sizeof(name), "%s-journal", path) >=
	    (int)sizeof(name))
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "path '%.100s...' is too long", path);
	AUTO(fd)
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_system(err, "open '%s'", name);
	if (file_read_at(fd, &first, 1, 0, name, &got, err) < 0)
		return -1;
	*ret_state = got == 0	  ? JOURNAL_EMPTY
		     : first == 0 ? JOURNAL_ENDED
				  : JOURNAL_OPEN;
	return 0;
}
