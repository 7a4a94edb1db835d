/*
 * The archives of a chain bear each other out: an increment's manifest names
 * its parent and the parent's root, so the next archive must have both.  An
 * archive that was swapped for another, or for an older one of its own, is
 * found by that, wherever in the chain it lies.
 *
 * Where there are several archives a finding has the name of the one it is
 * about as its object; a finding about a single one need not name it again.
 */
#include "restore/unpack.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "restore/assembly.h"

struct walk {
	const struct unpack_options *options;
	struct unpack_result *result;
	struct findings *findings;
	unsigned before; /* damage found by others */
	struct assembly *assembly; /* NULL: nothing is placed, or not yet */

	/* What the next archive must be; "": whatever it is. */
	char id[SNAPSHOT_ID_BYTES];
	bool root_known;
	uint8_t root[SHA256_BYTES];
};

static void
walk_auto(struct walk *walk)
{
	assembly_free(walk->assembly);
}

static bool
is_damaged(const struct walk *walk)
{
	return walk->findings->damaged > walk->before;
}

static bool
in_chain(const struct walk *walk)
{
	return walk->options->lineage->count > 1;
}

static bool
is_last(const struct walk *walk, size_t at)
{
	return at + 1 == walk->options->lineage->count;
}

static const struct lineage_archive *
archive_at(const struct walk *walk, size_t at)
{
	return &walk->options->lineage->archives[at];
}

/* The object of its findings. */
static const char *
object_of(const struct walk *walk, size_t at)
{
	return in_chain(walk) ? lineage_short_name(archive_at(walk, at)) : "";
}

/* A finding stands under its archive; it need not name it again. */
static const char *
without_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (text[0] == '\'' && strncmp(text + 1, name, len) == 0 &&
	    strncmp(text + 1 + len, "': ", 3) == 0)
		return text + len + 4;
	return text;
}

static void
report_bad_pages(
    struct walk *walk, size_t at, const struct archive_contents *contents)
{
	const char *object = object_of(walk, at);
	uint32_t listed = contents->bad_pages;

	if (listed > ARCHIVE_BAD_PAGES_LISTED)
		listed = ARCHIVE_BAD_PAGES_LISTED;
	for (uint32_t i = 0; i < listed; i++)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "page %u of the archive does not have its stored sum",
		    contents->bad_page[i]);
	if (contents->bad_pages > listed)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "%u more pages do not have their stored sums",
		    contents->bad_pages - listed);
}

static int
is_increment(const struct lineage_archive *archive, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' is an increment: it holds only the pages that changed since "
	    "its parent",
	    archive->name);
	return err_hint(err,
	    "restore it from its repository, which has the rest: litesafe "
	    "restore -r REPOSITORY SET --snapshot ID --to PATH");
}

/* The newest archive's manifest, or NULL, tells what the image will be. */
static int
begin_image(struct walk *walk, const struct manifest *manifest, struct err *err)
{
	const struct unpack_options *options = walk->options;
	const struct assembly_options assembly = {
		.fd = options->image_fd,
		.name = options->image_name,
		.stays = options->image_stays,
		.chain = in_chain(walk),
		.scratch = options->scratch,
		.work = options->work,
		.image = manifest == NULL ? NULL : &manifest->database,
	};

	if (options->image_fd < 0)
		return 0;
	if (manifest != NULL && !in_chain(walk) &&
	    manifest_is_increment(manifest))
		return is_increment(archive_at(walk, 0), err);
	return assembly_new(&assembly, &walk->assembly, err);
}

/*
 * What the end of a regular file says in advance; nothing of it is relied on.
 * A manifest that cannot be found is no verdict yet: the walk will say where
 * the archive is damaged.  A newer format is refused here, before any work.
 */
static int
look_ahead(struct walk *walk, int fd, const char *name,
    struct archive_read_options *read, struct err *err)
{
	AUTO(manifest) struct manifest manifest = { 0 };
	struct err why = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", name);
	read->image_sha256 = true;
	if (!S_ISREG(st.st_mode))
		return begin_image(walk, NULL, err);
	if (archive_peek(fd, name, &manifest, &why) == 0) {
		read->image_sha256 = manifest.database.has_image_sha256;
		return begin_image(walk, &manifest, err);
	}
	if (why.kind != ERR_DAMAGED) {
		*err = why;
		return -1;
	}
	/* Without its size the image of a chain cannot be begun: only proved,
	 * to say what is wrong. */
	return in_chain(walk) ? 0 : begin_image(walk, NULL, err);
}

static void
found_other(struct walk *walk, size_t at, const struct manifest *manifest)
{
	const char *object = object_of(walk, at);

	if (walk->id[0] != '\0' && strcmp(manifest->id, walk->id) != 0)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is the archive of snapshot %s, and that of %s should "
		    "be here",
		    manifest->id, walk->id);
	else if (walk->root_known &&
		 memcmp(manifest->database.root, walk->root, SHA256_BYTES) != 0)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "snapshot %s in it has another root than it should have",
		    manifest->id);
	if (is_last(walk, at) && walk->assembly != NULL &&
	    manifest_is_increment(manifest))
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is an increment, and the last of the chain must be "
		    "full");
	if (!is_last(walk, at) && !manifest_is_increment(manifest))
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is full, and an increment should be here");
}

/* It is proved; now who it is, and who its parent must be. */
static void
link_up(struct walk *walk, size_t at, const struct manifest *manifest)
{
	found_other(walk, at, manifest);
	memcpy(walk->id, manifest->parent, sizeof(walk->id));
	memcpy(walk->root, manifest->database.parent_root, sizeof(walk->root));
	walk->root_known = true;
}

static int
read_open(struct walk *walk, size_t at, int fd, struct err *err)
{
	const struct unpack_options *options = walk->options;
	const char *name = archive_at(walk, at)->name;
	AUTO(archive_contents) struct archive_contents contents = { 0 };
	struct archive_read_options read = {
		.fd = fd,
		.name = name,
		.scratch = options->scratch,
		.threads = options->threads,
		.work = options->work,
	};

	if (at == 0 && look_ahead(walk, fd, name, &read, err) < 0)
		return -1;
	read.place = walk->assembly == NULL ? NULL : assembly_place;
	read.place_ctx = walk->assembly;

	if (archive_read(&read, &contents, err) < 0) {
		if (err->kind != ERR_DAMAGED)
			return -1;
		report_bad_pages(walk, at, &contents);
		findings_add(walk->findings, FINDING_DAMAGED,
		    object_of(walk, at), "%s", without_name(err->text, name));
		archive_contents_done(&contents);
		contents.manifest = (struct manifest){ 0 };
	} else {
		report_bad_pages(walk, at, &contents);
		link_up(walk, at, &contents.manifest);
	}
	if (at == 0) {
		walk->result->contents = contents;
		walk->result->contents.manifest =
		    manifest_take(&contents.manifest);
	}
	return 0;
}

static int
read_one(struct walk *walk, size_t at, struct err *err)
{
	AUTO(fd) int own = -1;
	int fd = -1;

	if (lineage_open(archive_at(walk, at), &own, &fd, err) < 0)
		return -1;
	walk->result->culprit = at;
	return read_open(walk, at, fd, err);
}

/* Bytes to be read, as far as they are known: 0 for a pipe. */
static int
total_bytes(const struct lineage *lineage, uint64_t *ret_bytes, struct err *err)
{
	*ret_bytes = 0;
	for (size_t i = 0; i < lineage->count; i++) {
		struct stat st;

		if (lineage_stat(&lineage->archives[i], &st, err) < 0)
			return -1;
		if (S_ISREG(st.st_mode))
			*ret_bytes += (uint64_t)st.st_size;
	}
	return 0;
}

static int
read_all(struct walk *walk, struct err *err)
{
	const struct unpack_options *options = walk->options;
	uint64_t bytes = 0;

	if (total_bytes(options->lineage, &bytes, err) < 0)
		return -1;
	work_phase(options->work, options->phase, bytes);
	for (size_t i = 0; i < options->lineage->count; i++) {
		if (read_one(walk, i, err) < 0)
			return -1;
		if (is_damaged(walk))
			return 0;
	}
	walk->result->culprit = 0;
	return 0;
}

int
unpack_run(const struct unpack_options *options,
    struct unpack_result *ret_result, struct findings *findings,
    struct err *err)
{
	const struct lineage *lineage = options->lineage;
	AUTO(walk)
	struct walk walk = {
		.options = options,
		.result = ret_result,
		.findings = findings,
		.before = findings->damaged,
		.root_known = lineage->root != NULL,
	};

	*ret_result = (struct unpack_result){ .culprit = 0 };
	if (lineage->id != NULL)
		(void)snprintf(walk.id, sizeof(walk.id), "%s", lineage->id);
	if (lineage->root != NULL)
		memcpy(walk.root, lineage->root, sizeof(walk.root));
	if (read_all(&walk, err) < 0)
		return -1;
	if (is_damaged(&walk) || walk.assembly == NULL)
		return 0;
	return assembly_prove(walk.assembly,
	    &ret_result->contents.manifest.database, findings, err);
}

void
unpack_result_auto(struct unpack_result *result)
{
	archive_contents_done(&result->contents);
}
