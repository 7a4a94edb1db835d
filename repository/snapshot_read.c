/*
 * A manifest is believed when its own checksum is right, it names this set, and
 * its file has the name that it must have: a copy under another name or in
 * another folder is no snapshot.
 */
#include "repository/snapshot_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "repository/small_file.h"

static int
read_manifest(int folder, const char *shown, const char *file,
    struct manifest *ret_manifest, struct stored_file *ret_file,
    struct err *err)
{
	AUTO(free) char *text = NULL;
	size_t len = 0;

	if (small_file_read(
		folder, shown, file, DETACHED_MAX, &text, &len, err) < 0)
		return -1;
	if (detached_decode(text, len, ret_manifest, ret_file, err) < 0)
		return err_within(err, "'%s/%s'", shown, file);
	return 0;
}

/* The manifest belongs where it lies. */
static bool
is_at_home(const struct catalog *catalog, const char *name,
    const struct manifest *manifest)
{
	char must[SNAPSHOT_NAME_BYTES];

	snapshot_name(manifest, must);
	return strcmp(must, name) == 0 &&
	       strcmp(manifest->set, catalog->set) == 0;
}

/*
 * The time that a name tells, the last moment of that second: of two snapshots
 * in one second the bad one might be the newest, and who asks for that must not
 * get the other one.  0 when it is no time.
 */
static int64_t
time_of_name(const char *name)
{
	char text[CLOCK_TEXT_BYTES];
	struct err ignored;
	int64_t ms = 0;

	(void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.999Z",
	    name, name + 4, name + 6, name + 9, name + 11, name + 13);
	return clock_parse(text, &ms, &ignored) == 0 ? ms : 0;
}

/* What is known of a manifest that cannot be believed. */
static void
fill_bad(struct snapshot *snapshot)
{
	snapshot->faults |= SNAPSHOT_BAD_MANIFEST;
	snapshot->time_ms = time_of_name(snapshot->name);
	snapshot->full = strstr(snapshot->name, "-full-") != NULL;
}

static int
fill_good(struct snapshot *snapshot, const struct manifest *manifest,
    const struct stored_file *file, struct err *err)
{
	memcpy(snapshot->id, manifest->id, sizeof(snapshot->id));
	memcpy(snapshot->parent, manifest->parent, sizeof(snapshot->parent));
	snapshot->full = !manifest_is_increment(manifest);
	snapshot->time_ms = manifest->pin_start_ms;
	snapshot->archive_bytes = file->bytes;
	snapshot->page_size =
	    manifest_count(manifest) == 1 ? manifest->database.page_size : 0;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_database *db = manifest_at(manifest, i);

		snapshot->image_bytes +=
		    (uint64_t)db->page_count * db->page_size;
		snapshot->page_count += db->page_count;
		snapshot->pages_stored += db->pages_stored;
	}
	memcpy(snapshot->parent_state, manifest_parent_state(manifest),
	    SHA256_BYTES);
	return manifest_state(manifest, snapshot->state, err);
}

/* Not for want of memory or descriptors, which say nothing about the file. */
static bool
is_about_the_file(const struct err *err)
{
	return err->code != ENOMEM && err->code != EMFILE &&
	       err->code != ENFILE;
}

/* Asked after the manifest was seen: its archive had its name before. */
static int
look_at_archive(const struct catalog *catalog, int folder,
    struct snapshot *snapshot, struct err *err)
{
	char file[LISTED_FILE_BYTES];
	struct stat st;

	(void)snprintf(file, sizeof(file), "%s%s", snapshot->name,
	    snapshot_suffix[SNAPSHOT_ARCHIVE]);
	if (fstatat(folder, file, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_system(
			    err, "look at '%s/%s'", catalog->folder, file);
		snapshot->faults |= SNAPSHOT_NO_ARCHIVE;
	} else if (!S_ISREG(st.st_mode)) {
		snapshot->faults |= SNAPSHOT_NO_ARCHIVE;
	} else if ((uint64_t)st.st_size != snapshot->archive_bytes) {
		snapshot->faults |= SNAPSHOT_BAD_SIZE;
	}
	return 0;
}

int
snapshot_read(const struct catalog *catalog, int folder,
    const struct listed *listed, struct snapshot *ret_snapshot, bool *ret_there,
    struct err *err)
{
	struct snapshot snapshot = {
		.stored_ms = listed->stored_ms,
		.parent_at = SNAPSHOT_NONE,
		.chain = SNAPSHOT_NONE,
		.condemned = listed->kind == SNAPSHOT_CONDEMNED,
	};
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;

	memcpy(snapshot.name, listed->name, sizeof(snapshot.name));
	*ret_there = true;
	int rc = read_manifest(
	    folder, catalog->folder, listed->file, &manifest, &file, err);
	if (rc < 0 && err->code == ENOENT) {
		*ret_there = false;
		return 0;
	}
	if (rc < 0 && !is_about_the_file(err))
		return -1;
	if (rc < 0 || !is_at_home(catalog, listed->name, &manifest)) {
		fill_bad(&snapshot);
	} else {
		if (fill_good(&snapshot, &manifest, &file, err) < 0 ||
		    look_at_archive(catalog, folder, &snapshot, err) < 0)
			return -1;
	}
	*ret_snapshot = snapshot;
	return 0;
}

int
catalog_manifest(const struct catalog *catalog, const struct snapshot *snapshot,
    struct manifest *ret_manifest, struct stored_file *ret_file,
    struct err *err)
{
	AUTO(fd)
	int folder = open(catalog->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char file[LISTED_FILE_BYTES];

	if (folder < 0)
		return err_system(err, "open the folder '%s'", catalog->folder);
	(void)snprintf(file, sizeof(file), "%s%s", snapshot->name,
	    snapshot_suffix[SNAPSHOT_MANIFEST]);
	if (read_manifest(
		folder, catalog->folder, file, ret_manifest, ret_file, err) < 0)
		return -1;
	if (!is_at_home(catalog, snapshot->name, ret_manifest))
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s/%s' is the manifest of another snapshot",
		    catalog->folder, file);
	return 0;
}

int
catalog_bad_manifest(const struct catalog *catalog,
    const struct snapshot *snapshot, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;

	if (catalog_manifest(catalog, snapshot, &manifest, &file, err) < 0)
		return -1;
	return err_set(err, ERR_DAMAGED, 0,
	    "'%s/%s%s' has the same id as another manifest", catalog->folder,
	    snapshot->name, snapshot_suffix[SNAPSHOT_MANIFEST]);
}
