/*
 * The recipe: what kind of archive it is; the members of each database, proved
 * as they go by; then the manifest held against all that was seen, then the
 * end.
 */
#include "archive/archive_read.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/full_read.h"
#include "archive/increment_read.h"
#include "archive/manifest_member.h"
#include "archive/walk.h"
#include "base/auto.h"

static int
untrue(const char *key, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is not what the archive has", key);
}

static int
untrue_number(
    const char *key, uint64_t claimed, uint64_t found, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's '%s' is %llu, and the archive has %llu", key,
	    (unsigned long long)claimed, (unsigned long long)found);
}

static int
compare_database(const struct walk_database *seen, const struct manifest *m,
    const struct manifest_database *db, struct err *err)
{
	if (strcmp(db->name, seen->name) != 0)
		return untrue("name", err);
	if (manifest_stores_increment(m, db) != seen->increment)
		return untrue("kind", err);
	if (db->page_size != seen->page_size)
		return untrue_number(
		    "page_size", db->page_size, seen->page_size, err);
	if (db->page_count != seen->page_count)
		return untrue_number(
		    "page_count", db->page_count, seen->page_count, err);
	if (db->pages_stored != seen->pages_stored)
		return untrue_number(
		    "pages_stored", db->pages_stored, seen->pages_stored, err);
	if (db->pages_offset != seen->pages_offset)
		return untrue_number(
		    seen->increment ? "pages_offset" : "image_offset",
		    db->pages_offset, seen->pages_offset, err);
	if (db->sums_offset != seen->sums_offset)
		return untrue_number(
		    "sums_offset", db->sums_offset, seen->sums_offset, err);
	/* That of an increment needs the parent's pages. */
	if (!seen->increment && memcmp(db->root, seen->root, SHA256_BYTES) != 0)
		return untrue("root", err);
	return 0;
}

/*
 * Where pages have a wrong sum the image must have one too; nothing new would
 * be said.
 */
static int
compare_image(struct archive_contents *contents,
    const struct walk_database *seen, const struct manifest_database *db,
    struct err *err)
{
	if (!db->has_image_sha256 || !seen->summed || contents->bad_pages > 0)
		return 0;
	if (memcmp(db->image_sha256, seen->image_sha256, SHA256_BYTES) != 0)
		return untrue("image_sha256", err);
	contents->image_sha256_checked = true;
	return 0;
}

static int
compare_databases(
    const struct walk *walk, const struct manifest *m, struct err *err)
{
	if (manifest_count(m) != walk->count)
		return err_set(err, ERR_DAMAGED, 0,
		    "the manifest has %zu databases, and the archive has %zu",
		    manifest_count(m), walk->count);
	for (size_t i = 0; i < walk->count; i++) {
		const struct walk_database *seen = &walk->databases[i];
		const struct manifest_database *db = manifest_at(m, i);

		if (compare_database(seen, m, db, err) == 0 &&
		    compare_image(walk->contents, seen, db, err) == 0)
			continue;
		return walk->count == 1 ? -1
					: err_within(err, "'%s'", seen->name);
	}
	return 0;
}

/* The manifest's own frame, which its sum cannot cover. */
static int
check_last(const struct frame *last, struct err *err)
{
	if (!last->plain)
		return err_set(err, ERR_DAMAGED, 0,
		    "frame %llu at byte %llu: it is not stored raw, as the "
		    "format demands of the one with the manifest",
		    (unsigned long long)last->number,
		    (unsigned long long)last->stored_offset);
	return 0;
}

/* All bytes before the manifest's own frame. */
static int
compare_stored(
    const struct walk *walk, const struct manifest *manifest, struct err *err)
{
	uint8_t digest[SHA256_BYTES];

	if (manifest->stored_bytes != walk->frame->stored_offset)
		return untrue_number("stored_bytes", manifest->stored_bytes,
		    walk->frame->stored_offset, err);
	frame_reader_stored_sha256(walk->frames, digest);
	if (memcmp(manifest->stored_sha256, digest, SHA256_BYTES) != 0)
		return untrue("stored_sha256", err);
	return 0;
}

/* What was known beforehand, in every field. */
static int
compare_known(
    const struct walk *walk, const struct manifest *manifest, struct err *err)
{
	AUTO(free) char *known = NULL;
	AUTO(free) char *found = NULL;
	size_t known_len = 0, found_len = 0;

	if (walk->known == NULL)
		return 0;
	if (manifest_encode(walk->known, &known, &known_len, err) < 0 ||
	    manifest_encode(manifest, &found, &found_len, err) < 0)
		return -1;
	if (known_len != found_len || memcmp(known, found, found_len) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "its manifest is not the one that was expected");
	return 0;
}

static int
prove_manifest(
    struct walk *walk, const struct tar_member *member, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };

	if (manifest_member_read(
		walk->tar, member, walk->options->name, &manifest, err) < 0 ||
	    check_last(walk->frame, err) < 0 ||
	    compare_databases(walk, &manifest, err) < 0 ||
	    compare_stored(walk, &manifest, err) < 0 ||
	    compare_known(walk, &manifest, err) < 0)
		return -1;
	walk->contents->manifest = manifest_take(&manifest);
	return 0;
}

void
archive_contents_done(struct archive_contents *contents)
{
	manifest_done(&contents->manifest);
}

void
archive_contents_auto(struct archive_contents *contents)
{
	archive_contents_done(contents);
}

/* The next member, and whether it is the manifest. */
static int
next_member(struct walk *walk, struct tar_member *ret_member,
    bool *ret_manifest, struct err *err)
{
	const struct manifest *known = walk->known;
	bool last = known != NULL ? walk->count == manifest_count(known)
				  : walk->count == MANIFEST_DATABASES_MAX;

	if (tar_reader_member(
		walk->tar, last ? MANIFEST_MEMBER : NULL, ret_member, err) < 0)
		return -1;
	*ret_manifest =
	    last || (known == NULL && walk->count > 0 &&
			strcmp(ret_member->path, MANIFEST_MEMBER) == 0);
	return 0;
}

/* The members of one database; *ret_manifest: there is none, but the manifest. */
static int
read_database(struct walk *walk, struct tar_member *ret_member,
    bool *ret_manifest, struct err *err)
{
	const struct manifest *known = walk->known;
	size_t at = walk->count;
	bool increment =
	    known != NULL && at < manifest_count(known) &&
	    manifest_stores_increment(known, manifest_at(known, at));

	*ret_manifest = false;
	if (!increment && next_member(walk, ret_member, ret_manifest, err) < 0)
		return -1;
	if (*ret_manifest)
		return 0;
	walk->db = &walk->databases[walk->count++];
	return increment ? increment_read(walk, err)
			 : full_read(walk, ret_member, err);
}

static int
prove(struct walk *walk, struct err *err)
{
	struct stored_file *file = &walk->contents->file;
	struct tar_member member = { 0 };
	bool manifest = false;

	if (walk_open(walk, err) < 0)
		return -1;
	while (!manifest)
		if (read_database(walk, &member, &manifest, err) < 0)
			return -1;
	if (prove_manifest(walk, &member, err) < 0 ||
	    tar_reader_finish(walk->tar, err) < 0)
		return -1;
	file->bytes = frame_reader_stored(walk->frames);
	frame_reader_stored_sha256(walk->frames, file->sha256);
	return 0;
}

/*
 * What the end of the file says of the kind; *ret_why: why nothing is known.
 * A manifest that cannot be found is no verdict yet: the walk will say where
 * the archive is damaged, unless it is an increment.
 */
static int
look_ahead(const struct archive_read_options *options,
    struct manifest *ret_manifest, struct err *ret_why, struct err *err)
{
	struct stat st;

	if (fstat(options->fd, &st) < 0)
		return err_system(err, "look at '%s'", options->name);
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(ret_why, ERR_USAGE, 0,
		    "'%s' is an increment, which cannot be read from a pipe "
		    "alone",
		    options->name);
		(void)err_hint(ret_why,
		    "store it in a file first: what it needs to be read by "
		    "stands at its end");
		return 0;
	}
	if (archive_peek(options->fd, options->name, ret_manifest, ret_why) ==
		0 ||
	    ret_why->kind == ERR_DAMAGED)
		return 0;
	*err = *ret_why;
	return -1;
}

int
archive_read(const struct archive_read_options *options,
    struct archive_contents *ret_contents, struct err *err)
{
	AUTO(manifest) struct manifest peeked = { 0 };
	struct err why = { 0 };

	*ret_contents = (struct archive_contents){ 0 };
	AUTO(walk)
	struct walk walk = {
		.options = options,
		.contents = ret_contents,
		.known = options->manifest,
	};
	if (walk.known == NULL) {
		if (look_ahead(options, &peeked, &why, err) < 0)
			return -1;
		walk.known = why.kind == ERR_NONE ? &peeked : NULL;
	}

	if (prove(&walk, err) == 0)
		return 0;
	if (walk.increment) {
		*err = why;
		return -1;
	}
	return err->kind == ERR_DAMAGED ? err_within(err, "'%s'", options->name)
					: -1;
}
