/*
 * In the order of readdir(), which does not change while a folder does not.
 */
#include "repository/set_digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "repository/set_folder.h"

static void
dir_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

static void
add_number(struct sha256 *stream, uint64_t number)
{
	uint8_t bytes[8];

	put_le64(bytes, number);
	sha256_add(stream, bytes, sizeof(bytes));
}

static void
add_file(struct sha256 *stream, const char *name, const struct stat *st)
{
	sha256_add(stream, name, strlen(name) + 1);
	add_number(stream, st->st_ino);
	add_number(stream, st->st_mode);
	add_number(stream, (uint64_t)st->st_size);
	add_number(stream, (uint64_t)st->st_mtim.tv_sec);
	add_number(stream, (uint64_t)st->st_mtim.tv_nsec);
	add_number(stream, (uint64_t)st->st_ctim.tv_sec);
	add_number(stream, (uint64_t)st->st_ctim.tv_nsec);
}

static int
add_all(struct sha256 *stream, DIR *dir, const char *set, struct err *err)
{
	for (;;) {
		struct stat st;

		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL && errno == 0)
			return 0;
		if (entry == NULL)
			return err_system(err, "list the set '%s'", set);
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) < 0)
			return err_system(err, "look at '%s' of the set '%s'",
			    entry->d_name, set);
		add_file(stream, entry->d_name, &st);
	}
}

int
set_digest(const struct repository *repository, const char *set,
    uint8_t ret_digest[SHA256_BYTES], struct err *err)
{
	AUTO(sha256) struct sha256 *stream = NULL;
	AUTO(fd) int fd = -1;

	if (sha256_new(&stream, err) < 0 ||
	    set_folder_open(repository, set, &fd, err) < 0)
		return -1;
	AUTO(dir) DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return err_system(err, "list the set '%s'", set);
	(void)take_fd(&fd); /* it is the listing's now */
	if (add_all(stream, dir, set, err) < 0)
		return -1;
	sha256_finish(stream, ret_digest);
	return 0;
}
