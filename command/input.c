/*
 * Standard input is duplicated, so that who closes the archive never closes
 * descriptor 0: the next file to be opened would land there.
 *
 * A named pipe that nobody writes to yet would hold open() for as long as that
 * lasts, and a signal would end it with an error of its own.  Opened without
 * waiting it is the first read that waits, and that asks whether to go on
 * (base/file.h).
 */
#include "command/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/quote.h"

static int
open_standard_input(int *ret_fd, struct err *err)
{
	if (isatty(STDIN_FILENO)) {
		(void)err_set(err, ERR_USAGE, 0,
		    "standard input is a terminal, not an archive");
		return err_hint(
		    err, "name a file, or use a pipe: ... < app.tar.zst");
	}
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return err_system(err, "open standard input");
	*ret_fd = fd;
	return 0;
}

int
input_open(
    const char *path, int *ret_fd, const char **ret_name, struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		*ret_name = "standard input";
		return open_standard_input(ret_fd, err);
	}
	AUTO(fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		bool missing = errno == ENOENT;

		(void)err_system(err, "open archive '%s'", path);
		return missing ? err_hint(err,
				     "look at the path; a set of a repository "
				     "is named with: -r REPOSITORY SET")
			       : -1;
	}
	if (fstat(fd, &st) < 0)
		return err_system(err, "look at archive '%s'", path);
	if (S_ISDIR(st.st_mode)) {
		(void)err_set(
		    err, ERR_FAILED, EISDIR, "archive '%s' is a folder", path);
		return err_hint(err, "a repository is named with: -r %s",
		    quote_word(path, "PATH").text);
	}
	*ret_name = path;
	*ret_fd = take_fd(&fd);
	return 0;
}
