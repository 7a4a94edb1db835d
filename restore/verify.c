/*
 * Whatever ends the walk for a reason that is not the archive's (a full disk,
 * a failing read, a stop request) is no verdict on the archive and is an error.
 * An image whose pages are not proved is not shown to SQLite: what it would
 * find says nothing about what was backed up.
 */
#include "restore/verify.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "restore/scratch.h"
#include "restore/unpack.h"

static enum verify_answer
answer(const struct findings *findings)
{
	if (findings->damaged > 0)
		return VERIFY_DAMAGED;
	return findings->unverifiable > 0 ? VERIFY_UNVERIFIABLE : VERIFY_OK;
}

/* The archive itself and, where it needs them, those that it builds on. */
static int
unpack_lineage(const struct verify_options *options,
    const struct lineage *lineage, struct scratch *scratch,
    struct verify_result *result, struct err *err)
{
	const struct unpack_options unpack_options = {
		.lineage = lineage,
		.image = scratch == NULL ? NULL : scratch_image,
		.image_ctx = scratch,
		.scratch = options->scratch,
		.threads = options->threads,
		.phase = "verifying",
		.work = options->work,
	};
	struct unpack_result unpacked;

	int rc = unpack_run(&unpack_options, &unpacked, &result->findings, err);
	result->contents = unpacked.contents;
	return rc;
}

static int
unpack(const struct verify_options *options, struct scratch *scratch,
    struct verify_result *result, struct err *err)
{
	const struct lineage *more =
	    scratch == NULL ? NULL : options->ancestors;
	size_t count = 1 + (more == NULL ? 0 : more->count);
	AUTO(free)
	struct lineage_archive *archives = calloc(count, sizeof(*archives));

	if (archives == NULL)
		return err_system(err, "remember %zu archives", count);
	archives[0] = (struct lineage_archive){
		.fd = options->fd,
		.name = options->name,
	};
	for (size_t i = 1; i < count; i++)
		archives[i] = more->archives[i - 1];
	const struct lineage lineage = { .archives = archives, .count = count };
	return unpack_lineage(options, &lineage, scratch, result, err);
}

static int
verify_stored(const struct verify_options *options,
    struct verify_result *result, struct err *err)
{
	return unpack(options, NULL, result, err);
}

static int
verify_restored(const struct verify_options *options,
    struct verify_result *result, struct err *err)
{
	AUTO(scratch) struct scratch scratch = { .folder = options->scratch };

	if (unpack(options, &scratch, result, err) < 0) {
		if (err->kind == ERR_NO_SPACE)
			(void)err_hint(err,
			    "the database is unpacked to be checked; name a "
			    "folder with more room: --scratch DIR");
		return -1;
	}
	if (result->findings.damaged > 0)
		return 0;
	if (scratch_check(&scratch, options->name, options->check,
		options->work, &result->findings, err) < 0)
		return -1;
	result->unsound = result->findings.damaged > 0;
	return result->unsound
		   ? 0
		   : asserted_ask(&scratch, options->name, options->assertions,
			 options->work, &result->asserted, err);
}

/* By what its end says; if that is damaged, the walk will find it. */
static bool
is_increment(const struct verify_options *options)
{
	AUTO(manifest) struct manifest manifest = { 0 };
	struct err ignored;
	struct stat st;

	return fstat(options->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       archive_peek(options->fd, options->name, &manifest, &ignored) ==
		   0 &&
	       manifest_is_increment(&manifest);
}

static int
verify_increment(const struct verify_options *options,
    struct verify_result *result, struct err *err)
{
	if (verify_stored(options, result, err) < 0)
		return -1;
	if (result->findings.damaged == 0)
		findings_add(&result->findings, FINDING_UNVERIFIABLE, "",
		    "it is an increment: SQLite needs the archives that it "
		    "builds on, too (litesafe verify -r REPOSITORY)");
	return 0;
}

int
verify_run(const struct verify_options *options,
    struct verify_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct verify_result *result = ret_result;

	*result = (struct verify_result){ .answer = VERIFY_UNVERIFIABLE };
	int rc = 0;
	if (options->level == VERIFY_STORED)
		rc = verify_stored(options, result, err);
	else if (options->ancestors == NULL && is_increment(options))
		rc = verify_increment(options, result, err);
	else
		rc = verify_restored(options, result, err);
	result->seconds = clock_steady() - start;
	if (rc == 0)
		result->answer = answer(&result->findings);
	return rc;
}

void
verify_result_done(struct verify_result *result)
{
	archive_contents_done(&result->contents);
	asserted_done(&result->asserted);
}
