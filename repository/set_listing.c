/*
 * readdir() may miss a file that is renamed meanwhile; the catalog, which knows
 * whether the folder changed, then asks again.
 */
#include "repository/set_listing.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

static void
dir_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

void
set_listing_auto(struct set_listing *listing)
{
	free(listing->files);
	*listing = (struct set_listing){ .files = NULL };
}

/* A filesystem may say any time; what we reckon with fits in 64 bits. */
static int64_t
mtime_ms(const struct stat *st)
{
	static const int64_t most = INT64_MAX / 2000;
	int64_t seconds = st->st_mtim.tv_sec;

	if (seconds > most)
		seconds = most;
	if (seconds < -most)
		seconds = -most;
	return seconds * 1000 + st->st_mtim.tv_nsec / 1000000;
}

static int
append(struct set_listing *listing, const struct listed *file, struct err *err)
{
	if (listing->count == listing->room) {
		size_t room = listing->room == 0 ? 256 : listing->room * 2;
		struct listed *files =
		    reallocarray(listing->files, room, sizeof(*files));

		if (files == NULL)
			return err_system(err, "list a set");
		listing->files = files;
		listing->room = room;
	}
	listing->files[listing->count++] = *file;
	return 0;
}

static bool
is_taken(enum snapshot_file kind, bool regular)
{
	return kind != SNAPSHOT_FOREIGN &&
	       (regular || kind == SNAPSHOT_MANIFEST || kind == SNAPSHOT_PIN);
}

static int
take(struct set_listing *listing, int folder, const char *shown,
    const char *file, struct err *err)
{
	struct listed listed = { .kind = SNAPSHOT_FOREIGN };
	struct stat st;

	if (fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			   ? 0 /* gone meanwhile */
			   : err_system(err, "look at '%s/%s'", shown, file);
	listed.kind = snapshot_file_kind(file, listed.name);
	listed.regular = S_ISREG(st.st_mode);
	if (!is_taken(listed.kind, listed.regular)) {
		listing->foreign += !S_ISDIR(st.st_mode);
		return 0;
	}
	assert(strlen(file) < sizeof(listed.file)); /* as every name of ours */
	(void)stpcpy(listed.file, file);
	listed.stored_ms = mtime_ms(&st);
	listed.bytes = (uint64_t)st.st_size;
	return append(listing, &listed, err);
}

static int
by_file(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;

	return strcmp(a->file, b->file);
}

/* A second descriptor: closedir() closes the one that it works on. */
static int
open_again(int folder, const char *shown, DIR **ret_dir, struct err *err)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_dir = fd < 0 ? NULL : fdopendir(fd);
	if (*ret_dir != NULL)
		return 0;
	(void)err_system(err, "list the folder '%s'", shown);
	fd_auto(&fd);
	return -1;
}

int
set_listing_read(int folder, const char *shown, size_t most,
    struct set_listing *ret_listing, struct err *err)
{
	AUTO(set_listing) struct set_listing listing = { .files = NULL };
	AUTO(dir) DIR *dir = NULL;

	if (open_again(folder, shown, &dir, err) < 0)
		return -1;
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL && errno != 0)
			return err_system(err, "list the folder '%s'", shown);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (take(&listing, folder, shown, entry->d_name, err) < 0)
			return -1;
		if (listing.count > most)
			return err_set(err, ERR_FAILED, 0,
			    "the folder '%s' has more than %zu files of ours",
			    shown, most);
	}
	if (listing.count > 0)
		qsort(listing.files, listing.count, sizeof(*listing.files),
		    by_file);
	*ret_listing = listing;
	listing = (struct set_listing){ .files = NULL };
	return 0;
}
