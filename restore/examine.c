/*
 * Each archive is read once here, whoever needs it; what an increment needs
 * beyond its own archive is proved through the sums.  Only a rebuilt image
 * reads a chain again: it goes the same way as a restore, or it would prove
 * something else.
 *
 * A full archive is rebuilt by the read that proves it.
 */
#include "restore/examine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "restore/affected.h"
#include "restore/lineage.h"
#include "restore/scratch.h"
#include "restore/unpack.h"

struct examination {
	const struct examine_options *options;
	const struct snapshot *snapshot;
	size_t at;
	struct examine_result *result;
	char archive[PATH_MAX];
};

static struct findings *
findings_of(struct examination *x)
{
	return &x->result->findings;
}

static bool
is_damaged(const struct examination *x)
{
	return x->result->findings.damaged > 0;
}

static void
damaged(struct examination *x, const char *text)
{
	findings_add(findings_of(x), FINDING_DAMAGED, "", "%s", text);
}

static void
report_size(struct examination *x)
{
	struct stat st = { .st_size = 0 };

	(void)stat(x->archive, &st);
	findings_add(findings_of(x), FINDING_DAMAGED, "",
	    "its archive has %llu bytes, and by its manifest %llu",
	    (unsigned long long)st.st_size,
	    (unsigned long long)x->snapshot->archive_bytes);
}

/* The ancestor that is at fault, not one that only needs it. */
static void
report_ancestor(struct examination *x)
{
	const struct catalog *catalog = x->options->catalog;
	size_t at = x->snapshot->parent_at;

	while (
	    at != SNAPSHOT_NONE &&
	    (catalog->list[at].faults & ~(unsigned)SNAPSHOT_BAD_ANCESTOR) == 0)
		at = catalog->list[at].parent_at;
	if (at != SNAPSHOT_NONE)
		findings_add(findings_of(x), FINDING_DAMAGED, "",
		    "it needs snapshot %s, which is damaged",
		    catalog->list[at].id);
}

static void
report_line_of_descent(struct examination *x)
{
	if (x->snapshot->faults & SNAPSHOT_NO_PARENT)
		findings_add(findings_of(x), FINDING_DAMAGED, "",
		    "its parent, snapshot %s, is not there or not the one "
		    "that it was made against",
		    x->snapshot->parent);
	if (x->snapshot->faults & SNAPSHOT_BAD_ANCESTOR)
		report_ancestor(x);
}

/* What the listing shows of its own; *ret_more: there is an archive to read. */
static int
look_at_files(struct examination *x, bool *ret_more, struct err *err)
{
	unsigned faults = x->snapshot->faults;

	*ret_more = false;
	if (faults & SNAPSHOT_BAD_MANIFEST) {
		(void)catalog_bad_manifest(
		    x->options->catalog, x->snapshot, err);
		if (err->kind != ERR_DAMAGED)
			return -1;
		damaged(x, err->text);
		return 0;
	}
	if (faults & SNAPSHOT_NO_ARCHIVE) {
		damaged(x, "its archive is missing");
		return 0;
	}
	if (faults & SNAPSHOT_BAD_SIZE)
		report_size(x);
	*ret_more = true;
	return 0;
}

/* Encoding is deterministic: equal text is an equal manifest. */
static int
same_manifest(const struct manifest *a, const struct manifest *b,
    bool *ret_same, struct err *err)
{
	AUTO(free) char *text_a = NULL;
	AUTO(free) char *text_b = NULL;
	size_t len_a = 0, len_b = 0;

	if (manifest_encode(a, &text_a, &len_a, err) < 0 ||
	    manifest_encode(b, &text_b, &len_b, err) < 0)
		return -1;
	*ret_same = len_a == len_b && memcmp(text_a, text_b, len_a) == 0;
	return 0;
}

/* An archive that is right in itself, against what was committed. */
static int
compare_archive(struct examination *x, const struct archive_contents *contents,
    const struct manifest *manifest, const struct stored_file *file,
    struct err *err)
{
	bool same = false;

	if (same_manifest(&contents->manifest, manifest, &same, err) < 0)
		return -1;
	if (!same)
		damaged(x, "the manifest in the archive and the one beside it "
			   "are not the same");
	if (contents->file.bytes != file->bytes ||
	    memcmp(contents->file.sha256, file->sha256, SHA256_BYTES) != 0)
		damaged(x, "its archive does not have the SHA-256 that its "
			   "manifest states");
	return 0;
}

static struct unpack_options
unpack_options_of(const struct examination *x, const struct lineage *lineage,
    struct scratch *images)
{
	return (struct unpack_options){
		.lineage = lineage,
		.image = images == NULL ? NULL : scratch_image,
		.image_ctx = images,
		.scratch = x->options->scratch,
		.threads = x->options->threads,
		.phase = "verifying",
		.work = x->options->work,
	};
}

static int
prove_archive(struct examination *x, struct scratch *images, struct err *err)
{
	const struct lineage_archive archive = {
		.fd = -1,
		.path = x->archive,
		.name = x->archive,
	};
	const struct lineage lineage = {
		.archives = &archive,
		.count = 1,
		.id = x->snapshot->id,
		.state = x->snapshot->state,
	};
	const struct unpack_options unpack =
	    unpack_options_of(x, &lineage, images);
	AUTO(unpack_result) struct unpack_result unpacked = { .culprit = 0 };
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;
	unsigned before = x->result->findings.damaged;

	if (catalog_manifest(
		x->options->catalog, x->snapshot, &manifest, &file, err) < 0) {
		if (err->kind != ERR_DAMAGED)
			return -1;
		damaged(x, err->text);
		return 0;
	}
	if (unpack_run(&unpack, &unpacked, findings_of(x), err) < 0)
		return -1;
	if (x->result->findings.damaged > before)
		return 0;
	return compare_archive(x, &unpacked.contents, &manifest, &file, err);
}

static int
prove_root(struct examination *x, struct err *err)
{
	uint8_t state[SHA256_BYTES];

	if (replay_state(x->options->replay, x->at, state, err) < 0) {
		if (err->kind != ERR_DAMAGED)
			return -1;
		damaged(x, err->text);
		return 0;
	}
	if (memcmp(state, x->snapshot->state, SHA256_BYTES) != 0)
		damaged(x, "the page sums of its chain do not make its root");
	return 0;
}

static int
rebuild_chain(struct examination *x, struct scratch *images, struct err *err)
{
	const struct catalog *catalog = x->options->catalog;
	AUTO(chain) struct chain chain = { .count = 0 };
	AUTO(lineage) struct lineage lineage = { .count = 0 };
	AUTO(unpack_result) struct unpack_result unpacked = { .culprit = 0 };

	if (chain_of(catalog, x->at, &chain, err) < 0 ||
	    lineage_of(catalog, &chain, &lineage, err) < 0)
		return -1;
	const struct unpack_options unpack =
	    unpack_options_of(x, &lineage, images);
	return unpack_run(&unpack, &unpacked, findings_of(x), err);
}

static int
check_images(
    struct examination *x, const struct scratch *images, struct err *err)
{
	x->result->rebuilt = true;
	if (scratch_check(images, x->archive, x->options->check,
		x->options->work, findings_of(x), err) < 0)
		return -1;
	return is_damaged(x)
		   ? 0
		   : asserted_ask(images, x->archive, x->options->assertions,
			 x->options->work, &x->result->asserted, err);
}

static int
no_room_for_image(struct err *err)
{
	if (err->kind == ERR_NO_SPACE)
		(void)err_hint(err,
		    "the database is rebuilt to be checked; name a folder with "
		    "more room: --scratch DIR");
	return -1;
}

/* What it needs of its own, and whether others can count on it. */
static int
prove_own(struct examination *x, struct scratch *images, struct err *err)
{
	bool more = false;

	report_line_of_descent(x);
	unsigned inherited = x->result->findings.damaged;

	if (look_at_files(x, &more, err) < 0 ||
	    (more && prove_archive(x, images, err) < 0))
		return -1;
	if (!is_damaged(x) && !x->snapshot->full && prove_root(x, err) < 0)
		return -1;
	x->result->culprit = x->result->findings.damaged > inherited;
	if (x->result->culprit)
		affected_mark(x->options->catalog, x->at);
	return 0;
}

static int
examine(struct examination *x, struct err *err)
{
	const struct examine_options *options = x->options;
	bool full = x->snapshot->full;
	AUTO(scratch) struct scratch images = { .folder = options->scratch };

	if (prove_own(x, full && options->rebuild ? &images : NULL, err) < 0)
		return no_room_for_image(err);
	if (!options->rebuild || is_damaged(x))
		return 0;
	if (!full && rebuild_chain(x, &images, err) < 0)
		return no_room_for_image(err);
	return is_damaged(x) ? 0 : check_images(x, &images, err);
}

static enum verify_answer
answer(const struct findings *findings)
{
	if (findings->damaged > 0)
		return VERIFY_DAMAGED;
	return findings->unverifiable > 0 ? VERIFY_UNVERIFIABLE : VERIFY_OK;
}

int
examine_snapshot(const struct examine_options *options, size_t at,
    struct examine_result *ret_result, struct err *err)
{
	struct examination x = {
		.options = options,
		.snapshot = &options->catalog->list[at],
		.at = at,
		.result = ret_result,
	};

	*ret_result = (struct examine_result){ .rebuilt = false };
	catalog_path(options->catalog, x.snapshot, SNAPSHOT_ARCHIVE, x.archive,
	    sizeof(x.archive));
	int rc = examine(&x, err);
	ret_result->answer = answer(&ret_result->findings);
	return rc;
}

void
examine_result_auto(struct examine_result *result)
{
	asserted_done(&result->asserted);
}
