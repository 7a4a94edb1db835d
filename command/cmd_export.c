/*
 * litesafe export: a snapshot leaves its chain and becomes an archive of its
 * own.
 *
 * restore/ rebuilds the image and backup/ stores it; as for a backup, the two
 * are joined here.
 */
#include <string.h>
#include <unistd.h>

#include "backup/reissue.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/units.h"
#include "command/command.h"
#include "command/locate.h"
#include "command/pipe.h"
#include "command/progress.h"
#include "command/proof.h"
#include "command/report.h"
#include "repository/chain.h"
#include "restore/lineage.h"
#include "restore/unpack.h"

/* What is exported, and what is known of it so far. */
struct export
{
	struct session *session;
	const char *scratch;
	struct located located;
	struct chain chain;
	struct lineage lineage;
	struct manifest manifest; /* of the snapshot */
	struct findings findings;
	struct proof proof;
	struct reissue_result result;
	double seconds;
};

static void
export_auto(struct export *export)
{
	lineage_done(&export->lineage);
	chain_done(&export->chain);
	located_done(&export->located);
	manifest_done(&export->manifest);
	reissue_result_done(&export->result);
	verify_result_done(&export->proof.result);
}

static int
check_request(struct session *session, struct err *err)
{
	if (command_operands(session, 1, 2, err) < 0)
		return -1;
	if (session->options.output == NULL) {
		(void)err_set(
		    err, ERR_USAGE, 0, "export: no output was named (-o)");
		return err_hint(
		    err, "-o FILE for a file, '-o -' for standard output");
	}
	return pipe_check(&session->options, err);
}

static int
find(struct export *export, struct err *err)
{
	struct located *located = &export->located;
	struct stored_file file;

	if (locate_snapshot(export->session, located, err) < 0)
		return -1;
	if (chain_of(&located->catalog, located->at, &export->chain, err) < 0 ||
	    lineage_of(
		&located->catalog, &export->chain, &export->lineage, err) < 0)
		return -1;
	return catalog_manifest(&located->catalog, located_snapshot(located),
	    &export->manifest, &file, err);
}

/* Where reissue_options.rebuild is to put the images. */
struct images {
	const struct reissue_image *list;
	size_t count;
	const char *name;
};

/* unpack_options.image */
static int
image_of(void *ctx, const char *database, struct unpack_image *ret_image,
    struct err *err)
{
	const struct images *images = ctx;

	(void)err;
	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->list[i].database, database) != 0)
			continue;
		ret_image->fd = images->list[i].fd;
		ret_image->name = images->name;
	}
	return 0;
}

/* reissue_options.rebuild */
static int
rebuild(void *ctx, const struct reissue_image *list, size_t count,
    const char *name, struct err *err)
{
	struct export *export = ctx;
	struct images images = { .list = list, .count = count, .name = name };
	const struct unpack_options unpack = {
		.lineage = &export->lineage,
		.image = image_of,
		.image_ctx = &images,
		.scratch = export->scratch,
		.threads = command_threads(&export->session->options),
		.phase = "rebuilding",
		.work = &export->session->work,
	};
	AUTO(unpack_result) struct unpack_result result = { .culprit = 0 };

	if (unpack_run(&unpack, &result, &export->findings, err) < 0)
		return -1;
	if (export->findings.damaged == 0)
		return 0;
	(void)err_set(err, ERR_DAMAGED, 0,
	    "snapshot %s cannot be rebuilt: archive '%s' is damaged: %s",
	    export->manifest.id, export->lineage.archives[result.culprit].name,
	    findings_first_damage(&export->findings));
	return err_hint(err, "every one that is damaged is named by: %s",
	    catalog_command(&export->located.catalog, "verify").text);
}

static int
run_watched(struct export *export, struct err *err)
{
	const struct options *options = &export->session->options;
	const struct reissue_options reissue = {
		.manifest = &export->manifest,
		.output = pipe_is_output(options) ? NULL : options->output,
		.pipe_fd = STDOUT_FILENO,
		.tool = "litesafe " LITESAFE_VERSION,
		.scratch = export->scratch,
		.replace = options->force,
		.level = (int)options->level,
		.threads = command_threads(options),
		.work = &export->session->work,
		.rebuild = rebuild,
		.rebuild_ctx = export,
		.prove = options->prove == PROVE_NONE ? NULL : proof_of,
		.prove_ctx = &export->proof,
	};
	AUTO(progress) struct progress progress = PROGRESS_NONE;

	progress_begin(&progress, options, &export->session->work);
	return reissue_run(&reissue, &export->result, err);
}

static const char *
verified(const struct export *export)
{
	if (!export->result.proved)
		return "none";
	return export->session->options.prove == PROVE_STORED ? "stored"
							      : "restore";
}

static void
report_json(const struct export *export)
{
	struct say *say = &export->session->say;
	const struct report_snapshot snapshot = {
		.manifest = &export->result.manifest,
		.archive = export->session->options.output,
		.archive_bytes = export->result.file.bytes,
		.verified = verified(export),
	};
	struct json json;

	report_snapshot(&json, say, &snapshot);
	json_put_seconds(&json, "seconds", export->seconds);
	json_end(&json);
}

static void
report(const struct export *export)
{
	const struct options *options = &export->session->options;
	struct say *say = &export->session->say;
	const struct manifest *m = &export->result.manifest;
	char raw[UNITS_TEXT_BYTES], stored[UNITS_TEXT_BYTES],
	    took[UNITS_TEXT_BYTES];
	bool pipe = pipe_is_output(options);

	if (say->json)
		report_json(export);
	units_format_size(report_totals(m).bytes, raw);
	units_format_size(export->result.file.bytes, stored);
	units_format_duration(export->seconds, took);
	say_line(say,
	    "%s: snapshot %s exported to %s%s%s: %s as %s in %s, verified: %s",
	    m->set, m->id, pipe ? "" : "'",
	    pipe ? "standard output" : options->output, pipe ? "" : "'", raw,
	    stored, took, verified(export));
	if (!export->result.proved ||
	    export->proof.result.answer != VERIFY_UNVERIFIABLE)
		return;
	say_warning(say,
	    "every page of '%s' was read back, but SQLite cannot check all of "
	    "it here: %s",
	    options->output,
	    report_first(&export->proof.result.findings, FINDING_UNVERIFIABLE)
		.text);
}

int
cmd_export(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	double start = clock_steady();
	AUTO(export)
	struct export export = {
		.session = session,
		.scratch = command_scratch(options),
		.proof = { .options = options,
		    .work = &session->work,
		    .threads = command_threads(options) },
	};

	if (check_request(session, err) < 0 || find(&export, err) < 0 ||
	    run_watched(&export, err) < 0)
		return -1;
	export.seconds = clock_steady() - start;
	report(&export);
	return 0;
}
