/*
 * The archives of a chain bear each other out: an increment's manifest names
 * its parent and the parent's state, so the next archive must have both.  An
 * archive that was swapped for another, or for an older one of its own, is
 * found by that, wherever in the chain it lies.
 *
 * A database that joined its set in the middle of a chain, or got another page
 * size, is whole in that archive: older ones have nothing more for it.
 *
 * Where there are several archives a finding has the name of the one it is
 * about as its object; a finding about a single one need not name it again.
 */
#include "restore/unpack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/quote.h"
#include "restore/assembly.h"

/* A database of the newest archive. */
struct image {
	char name[MEMBER_NAME_MAX + 1];
	struct assembly *assembly; /* NULL: it is not wanted */
	bool complete; /* no older archive has a page for it */
};

struct walk {
	const struct unpack_options *options;
	struct unpack_result *result;
	struct findings *findings;
	unsigned before; /* damage found by others */
	struct image *images; /* room for MANIFEST_DATABASES_MAX */
	size_t count; /* so many databases has the newest archive */
	size_t at; /* index of the archive that is read */

	/* What the next archive must be; "": whatever it is. */
	char id[SNAPSHOT_ID_BYTES];
	bool state_known;
	uint8_t state[SHA256_BYTES];
};

static void
walk_auto(struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		assembly_free(walk->images[i].assembly);
	free(walk->images);
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

/* " of 'b.db'" where there are several; what it is called is not proved. */
static const char *
of_database(const struct walk *walk, size_t index, char ret_text[240])
{
	ret_text[0] = '\0';
	if (walk->count > 1 && index < walk->count)
		(void)snprintf(
		    ret_text, 240, " of '%s'", walk->images[index].name);
	return ret_text;
}

static void
report_bad_pages(
    struct walk *walk, size_t at, const struct archive_contents *contents)
{
	const char *object = object_of(walk, at);
	uint32_t listed = contents->bad_pages;
	char of[240];

	if (listed > ARCHIVE_BAD_PAGES_LISTED)
		listed = ARCHIVE_BAD_PAGES_LISTED;
	for (uint32_t i = 0; i < listed; i++)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "page %u%s of the archive does not have its stored sum",
		    contents->bad_page[i],
		    at > 0 ? ""
			   : of_database(walk, contents->bad_database[i], of));
	if (contents->bad_pages > listed)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "%u more pages do not have their stored sums",
		    contents->bad_pages - listed);
}

int
unpack_refuse_increment(const struct lineage_archive *archive,
    const struct manifest *manifest, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' is an increment: it holds only the pages that changed since "
	    "its parent",
	    archive->name);
	return err_hint(err,
	    "restore it from its repository, which has the rest: litesafe "
	    "restore -r REPOSITORY --snapshot %s --to PATH %s",
	    manifest->id, quote_name(manifest->set, "SET").text);
}

/* A database of the newest archive: an image of its own, if it is wanted. */
static int
begin_image(struct walk *walk, const struct archive_begun *begun,
    struct assembly **ret_assembly, struct err *err)
{
	const struct unpack_options *options = walk->options;
	struct image *image = &walk->images[walk->count++];
	struct unpack_image where = { .fd = -1 };

	(void)snprintf(image->name, sizeof(image->name), "%s", begun->name);
	image->complete = !begun->increment;
	if (options->image == NULL)
		return 0;
	/* Without its size the image of a chain cannot be begun: only proved,
	 * to say what is wrong. */
	if (in_chain(walk) && begun->known == NULL)
		return 0;
	if (options->image(options->image_ctx, begun->name, &where, err) < 0)
		return -1;
	if (where.fd < 0)
		return 0;
	const struct assembly_options assembly = {
		.fd = where.fd,
		.name = where.name,
		.stays = options->images_stay,
		.chain = in_chain(walk),
		.scratch = options->scratch,
		.work = options->work,
		.image = begun->known,
	};
	if (assembly_new(&assembly, &image->assembly, err) < 0)
		return -1;
	*ret_assembly = image->assembly;
	return 0;
}

/* The image that a database of an older archive has pages for, or NULL. */
static struct image *
find_image(const struct walk *walk, const struct archive_begun *begun)
{
	for (size_t i = 0; i < walk->count; i++)
		if (strcmp(walk->images[i].name, begun->name) == 0)
			return &walk->images[i];
	/* What is alone in its set may have been called otherwise. */
	return walk->count == 1 && begun->alone ? &walk->images[0] : NULL;
}

/* archive_read_options.begin */
static int
begin_database(void *ctx, const struct archive_begun *begun,
    void **ret_place_ctx, struct err *err)
{
	struct walk *walk = ctx;
	struct assembly *assembly = NULL;

	if (walk->at == 0) {
		if (begin_image(walk, begun, &assembly, err) < 0)
			return -1;
		*ret_place_ctx = assembly;
		return 0;
	}
	struct image *image = find_image(walk, begun);
	if (image == NULL || image->complete)
		return 0;
	image->complete = !begun->increment;
	*ret_place_ctx = image->assembly;
	return 0;
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
		return 0;
	if (archive_peek(fd, name, &manifest, &why) == 0) {
		read->image_sha256 = manifest.database.has_image_sha256;
		return walk->options->image != NULL && !in_chain(walk) &&
			       manifest_is_increment(&manifest)
			   ? unpack_refuse_increment(
				 archive_at(walk, 0), &manifest, err)
			   : 0;
	}
	if (why.kind == ERR_DAMAGED)
		return 0;
	*err = why;
	return -1;
}

static void
found_other(struct walk *walk, size_t at, const struct manifest *manifest,
    const uint8_t state[SHA256_BYTES])
{
	const char *object = object_of(walk, at);

	if (walk->id[0] != '\0' && strcmp(manifest->id, walk->id) != 0)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is the archive of snapshot %s, and that of %s should "
		    "be here",
		    manifest->id, walk->id);
	else if (walk->state_known &&
		 memcmp(state, walk->state, SHA256_BYTES) != 0)
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "snapshot %s in it has another root than it should have",
		    manifest->id);
	if (is_last(walk, at) && walk->options->image != NULL &&
	    manifest_is_increment(manifest))
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is an increment, and the last of the chain must be "
		    "full");
	if (!is_last(walk, at) && !manifest_is_increment(manifest))
		findings_add(walk->findings, FINDING_DAMAGED, object,
		    "it is full, and an increment should be here");
}

/* It is proved; now who it is, and who its parent must be. */
static int
link_up(struct walk *walk, size_t at, const struct manifest *manifest,
    struct err *err)
{
	uint8_t state[SHA256_BYTES];

	if (manifest_state(manifest, state, err) < 0)
		return -1;
	found_other(walk, at, manifest, state);
	memcpy(walk->id, manifest->parent, sizeof(walk->id));
	memcpy(
	    walk->state, manifest_parent_state(manifest), sizeof(walk->state));
	walk->state_known = true;
	return 0;
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
		.place = assembly_place,
		.begin = begin_database,
		.begin_ctx = walk,
	};

	walk->at = at;
	if (at == 0 && look_ahead(walk, fd, name, &read, err) < 0)
		return -1;
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
		if (link_up(walk, at, &contents.manifest, err) < 0)
			return -1;
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

/* The archives are right, each for itself: now what they make together. */
static int
prove_images(struct walk *walk, struct err *err)
{
	const struct manifest *manifest = &walk->result->contents.manifest;

	for (size_t i = 0; i < walk->count; i++) {
		struct assembly *assembly = walk->images[i].assembly;

		if (assembly != NULL &&
		    assembly_prove(assembly, manifest_at(manifest, i),
			walk->findings, err) < 0)
			return -1;
	}
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
		.images = calloc(MANIFEST_DATABASES_MAX, sizeof(*walk.images)),
		.state_known = lineage->state != NULL,
	};

	*ret_result = (struct unpack_result){ .culprit = 0 };
	if (walk.images == NULL)
		return err_system(err, "remember the databases of an archive");
	if (lineage->id != NULL)
		(void)snprintf(walk.id, sizeof(walk.id), "%s", lineage->id);
	if (lineage->state != NULL)
		memcpy(walk.state, lineage->state, sizeof(walk.state));
	if (read_all(&walk, err) < 0)
		return -1;
	return is_damaged(&walk) ? 0 : prove_images(&walk, err);
}

void
unpack_result_auto(struct unpack_result *result)
{
	archive_contents_done(&result->contents);
}
