/*
 * Whatever ends the walk for a reason that is not the archive's (a full disk,
 * a failing read, a stop request) is no verdict on the archive and is an error.
 * An image whose pages are not proved is not shown to SQLite: what it would
 * find says nothing about what was backed up.
 */
#include "restore/verify.h"

#include <stdio.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "restore/unpack.h"

static enum verify_answer
answer(const struct findings *findings)
{
	if (findings->damaged > 0)
		return VERIFY_DAMAGED;
	return findings->unverifiable > 0 ? VERIFY_UNVERIFIABLE : VERIFY_OK;
}

static int
unpack(const struct verify_options *options, int image_fd,
    const char *image_name, struct verify_result *result, struct err *err)
{
	const struct unpack_options unpack_options = {
		.archive_fd = options->fd,
		.archive_name = options->name,
		.image_fd = image_fd,
		.image_name = image_name,
		.scratch = options->scratch,
		.threads = options->threads,
		.phase = "verifying",
		.work = options->work,
	};

	return unpack_run(
	    &unpack_options, &result->contents, &result->findings, err);
}

static int
verify_restored(const struct verify_options *options,
    struct verify_result *result, struct err *err)
{
	AUTO(fd) int image_fd = -1;
	char name[512];

	(void)snprintf(
	    name, sizeof(name), "scratch file in %s", options->scratch);
	if (file_scratch(options->scratch, &image_fd, err) < 0)
		return -1;
	if (unpack(options, image_fd, name, result, err) < 0) {
		if (err->kind == ERR_NO_SPACE)
			(void)err_hint(err,
			    "the database is unpacked to be checked; name a "
			    "folder with more room: --scratch DIR");
		return -1;
	}
	if (result->findings.damaged > 0)
		return 0;
	work_phase(options->work, "checking", 0);
	return integrity_check(image_fd, options->name, options->check,
	    options->work, &result->findings, err);
}

int
verify_run(const struct verify_options *options,
    struct verify_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct verify_result *result = ret_result;

	*result = (struct verify_result){ .answer = VERIFY_UNVERIFIABLE };
	int rc = options->level == VERIFY_STORED
		     ? unpack(options, -1, options->name, result, err)
		     : verify_restored(options, result, err);
	result->seconds = clock_steady() - start;
	if (rc == 0)
		result->answer = answer(&result->findings);
	return rc;
}
