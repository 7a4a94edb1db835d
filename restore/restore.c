/*
 * A restore, read aloud: look at the places where the databases shall be;
 * unpack the archives into drafts there, proving every page; let SQLite check
 * them; give them owner and mode; flush them; switch one after the other.
 *
 * Up to the last step a target is only looked at, by name.
 *
 * Several names cannot change in one step.  If we die between two of them, the
 * databases that come first are the restored ones and the others are as they
 * were, each whole; the same command again, with --replace, ends what was
 * begun.
 */
#include "restore/restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/name.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/draft.h"
#include "base/file.h"
#include "restore/piece.h"
#include "restore/places.h"
#include "restore/soundness.h"
#include "restore/unpack.h"

static const char *
newest_name(const struct restore_options *options)
{
	return options->lineage->archives[0].name;
}

static int
archive_damaged(const struct restore_options *options,
    const struct restore_result *result, struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, 0, "archive '%s' is damaged: %s",
	    options->lineage->archives[result->culprit].name,
	    findings_first_damage(&result->findings));
	return err_hint(err,
	    "nothing was restored and nothing was changed; use another "
	    "archive");
}

struct run {
	const struct restore_options *options;
	struct restore_result *result;
	bool folder; /* the target is one, for all databases of a set */
	bool made; /* we made it */
	bool done;
	struct piece *pieces; /* room for MANIFEST_DATABASES_MAX */
	size_t count; /* as in the result */
};

static void
run_auto(struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		draft_auto(&run->pieces[i].draft);
	free(run->pieces);
	/* It goes when nothing is in it. */
	if (run->made && !run->done)
		(void)rmdir(run->options->target);
}

static int
needs_folder(const struct run *run, struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0,
	    "'%s' holds several databases, and '%s' is the place of one",
	    newest_name(run->options), run->options->target);
	return err_hint(err,
	    "name a folder with --to, or one of the databases with --database");
}

/* A place that is free, and a draft there. */
static int
add_piece(struct run *run, const char *path, const char *name, struct err *err)
{
	struct restore_result *result = run->result;
	struct piece *piece = &run->pieces[run->count];
	struct restored *restored = &result->databases[run->count];

	piece->draft = (struct draft)DRAFT_NONE;
	if (places_look(run->options, path, &piece->target, err) < 0 ||
	    draft_open(piece->target.path, &piece->draft, err) < 0)
		return -1;
	(void)snprintf(restored->name, sizeof(restored->name), "%s", name);
	memcpy(restored->path, piece->target.path, sizeof(restored->path));
	piece->restored = restored;
	result->count = ++run->count;
	return 0;
}

/*
 * The name comes from the archive.  It passed name_check(): it is one component
 * and no other folder.
 */
static int
add_to_folder(struct run *run, const char *name, struct err *err)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < run->count; i++)
		if (name_check_apart(
			run->result->databases[i].name, name, err) < 0)
			return -1;
	if (places_path(run->options, name, path, err) < 0)
		return -1;
	return add_piece(run, path, name, err);
}

/* The place was taken when nobody knew yet for which database. */
static int
give_name(struct run *run, const char *name, struct err *err)
{
	struct restored *restored = run->pieces[0].restored;

	if (restored->name[0] != '\0')
		return needs_folder(run, err);
	(void)snprintf(restored->name, sizeof(restored->name), "%s", name);
	return 0;
}

/* unpack_options.image */
static int
begin_image(void *ctx, const char *name, struct unpack_image *ret_image,
    struct err *err)
{
	struct run *run = ctx;
	const char *wanted = run->options->database;

	if (wanted != NULL && strcmp(wanted, name) != 0)
		return 0;
	if (run->folder ? add_to_folder(run, name, err) < 0
			: give_name(run, name, err) < 0)
		return -1;
	const struct piece *piece = &run->pieces[run->count - 1];
	ret_image->fd = piece->draft.fd;
	ret_image->name = piece->draft.path;
	return 0;
}

static int
open_folder(struct run *run, const struct manifest *manifest, bool known,
    struct err *err)
{
	const char *path = run->options->target;
	char *to = run->result->path; /* as it was given */
	size_t ignored;

	if (snprintf(to, PATH_MAX, "%s", path) >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the path of the folder '%.80s...' is too long", path);
	if (known &&
	    places_look_into(run->options, manifest, &ignored, err) < 0)
		return -1;
	run->made = mkdir(path, 0777) == 0;
	if (!run->made && errno != EEXIST)
		return err_system(err, "make the folder '%s'", path);
	return 0;
}

static int
begin(struct run *run, struct err *err)
{
	struct restore_result *result = run->result;
	AUTO(manifest) struct manifest manifest = { 0 };
	bool known = false;

	run->pieces = calloc(MANIFEST_DATABASES_MAX, sizeof(*run->pieces));
	result->databases =
	    calloc(MANIFEST_DATABASES_MAX, sizeof(*result->databases));
	if (run->pieces == NULL || result->databases == NULL)
		return err_system(err, "prepare '%s'", run->options->target);
	if (places_choose(run->options, &run->folder, &manifest, &known, err) <
	    0)
		return -1;
	if (run->folder)
		return open_folder(run, &manifest, known, err);
	if (add_piece(run, run->options->target, "", err) < 0)
		return -1;
	memcpy(result->path, result->databases[0].path, sizeof(result->path));
	return 0;
}

/* What a pipe had in it is known now. */
static int
check_found(const struct run *run, struct err *err)
{
	const struct manifest *manifest = &run->result->contents.manifest;

	if (!run->folder && run->result->databases[0].name[0] == '\0')
		return places_no_database(run->options, manifest, err);
	if (!run->folder || manifest_count(manifest) > 1)
		return 0;
	(void)err_set(err, ERR_REFUSED, EISDIR,
	    "the target '%s' is a folder, and the archive holds one database",
	    run->options->target);
	return err_hint(
	    err, "name the database: --to %s/NAME", run->options->target);
}

static int
unpack(struct run *run, struct err *err)
{
	const struct restore_options *options = run->options;
	struct restore_result *result = run->result;
	const struct unpack_options unpack_options = {
		.lineage = options->lineage,
		.image = begin_image,
		.image_ctx = run,
		.images_stay = true,
		.scratch = run->folder ? run->result->path
				       : run->pieces[0].draft.folder,
		.threads = options->threads,
		.phase = "restoring",
		.work = options->work,
	};
	struct unpack_result unpacked;

	int rc = unpack_run(&unpack_options, &unpacked, &result->findings, err);
	result->contents = unpacked.contents;
	result->culprit = unpacked.culprit;
	if (rc < 0) {
		if (err->kind == ERR_NO_SPACE)
			(void)err_hint(err,
			    "nothing was changed; make room on that disk, or "
			    "restore to another one");
		return -1;
	}
	if (result->findings.damaged > 0)
		return archive_damaged(options, result, err);
	for (size_t i = 0; i < result->count; i++)
		(void)manifest_find(&result->contents.manifest,
		    result->databases[i].name, &result->databases[i].index);
	return check_found(run, err);
}

/* What SQLite cannot check here is told to the operator; it is no damage. */
static int
check(struct run *run, struct err *err)
{
	const struct restore_options *options = run->options;
	struct restore_result *result = run->result;

	if (options->check == RESTORE_CHECK_NONE)
		return 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct piece *piece = &run->pieces[i];

		if (soundness_check(piece->draft.fd, newest_name(options),
			run->folder ? piece->restored->name : NULL,
			options->check == RESTORE_CHECK_FULL ? INTEGRITY_FULL
							     : INTEGRITY_QUICK,
			options->work, &result->findings, err) < 0)
			return -1;
	}
	if (result->findings.damaged == 0)
		return 0;

	result->unsound = true;
	(void)err_set(err, ERR_DAMAGED, 0,
	    "archive '%s' is intact, but SQLite finds the database in it "
	    "damaged: %s",
	    newest_name(options), findings_first_damage(&result->findings));
	return err_hint(err,
	    "it was backed up like that; nothing was changed; use an older "
	    "archive, or take it as it is with --check none");
}

/* Nothing slow is left to be done when the first of them gets its name. */
static int
make_ready(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->count; i++) {
		struct piece *piece = &run->pieces[i];

		if (piece_own(piece,
			manifest_at(&run->result->contents.manifest,
			    piece->restored->index),
			err) < 0)
			return -1;
	}
	work_phase(run->options->work, "flushing", 0);
	for (size_t i = 0; i < run->count; i++)
		if (file_flush(run->pieces[i].draft.fd,
			run->pieces[i].draft.path, err) < 0)
			return -1;
	for (size_t i = 0; i < run->count; i++)
		if (target_unmoved(&run->pieces[i].target, err) < 0 ||
		    target_unused(&run->pieces[i].target, err) < 0)
			return -1;
	return 0;
}

/* If the last is not reached, the error tells how far it came. */
static int
switch_all(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->count; i++) {
		if (piece_publish(&run->pieces[i], err) == 0)
			continue;
		if (i > 0)
			(void)err_within(err,
			    "%zu of %zu databases have been restored, then '%s'",
			    i, run->count, run->pieces[i].restored->name);
		run->done = i > 0;
		return -1;
	}
	run->done = true;
	return 0;
}

int
restore_preview(const struct restore_options *options,
    struct restore_foreseen *ret_foreseen, struct err *err)
{
	struct restore_foreseen *seen = ret_foreseen;
	AUTO(manifest) struct manifest manifest = { 0 };
	bool folder = false, known = false;
	struct target target;

	seen->replaces = 0;
	if (places_choose(options, &folder, &manifest, &known, err) < 0)
		return -1;
	if (folder) {
		(void)snprintf(
		    seen->path, sizeof(seen->path), "%s", options->target);
		return known ? places_look_into(
				   options, &manifest, &seen->replaces, err)
			     : 0;
	}
	if (places_look(options, options->target, &target, err) < 0)
		return -1;
	memcpy(seen->path, target.path, sizeof(target.path));
	seen->replaces = target.present;
	return 0;
}

int
restore_preview_archive(const struct restore_options *options,
    struct manifest *ret_manifest, struct err *err)
{
	const struct lineage_archive *archive = &options->lineage->archives[0];
	AUTO(manifest) struct manifest manifest = { 0 };
	bool file = false;

	if (lineage_peek(archive, &file, &manifest, err) < 0)
		return -1;
	if (!file)
		return 0;
	if (manifest_is_increment(&manifest))
		return unpack_refuse_increment(archive, &manifest, err);
	*ret_manifest = manifest;
	manifest = (struct manifest){ 0 };
	return 0;
}

int
restore_run(const struct restore_options *options,
    struct restore_result *ret_result, struct err *err)
{
	double start = clock_steady();

	*ret_result = (struct restore_result){ .count = 0 };
	AUTO(run)
	struct run run = { .options = options, .result = ret_result };
	if (begin(&run, err) < 0)
		return -1;

	/* If we die in here the drafts are gone and nothing was changed. */
	if (unpack(&run, err) < 0 || check(&run, err) < 0 ||
	    make_ready(&run, err) < 0)
		return -1;

	/* The last moment to stop; the switch itself is not interrupted. */
	if (work_check(options->work, err) < 0 || switch_all(&run, err) < 0)
		return -1;
	ret_result->seconds = clock_steady() - start;
	return 0;
}

void
restore_result_done(struct restore_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		struct restored *restored = &result->databases[i];

		for (unsigned k = 0; k < restored->aside_count; k++) {
			free(restored->aside[k].from);
			free(restored->aside[k].to);
		}
	}
	free(result->databases);
	result->databases = NULL;
	result->count = 0;
	archive_contents_done(&result->contents);
}
