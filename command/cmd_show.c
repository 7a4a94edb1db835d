/*
 * litesafe show: the manifest, as the archive or the repository tells it.
 * Nothing is proved.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive_read.h"
#include "base/auto.h"
#include "base/units.h"
#include "command/checks.h"
#include "command/command.h"
#include "command/input.h"
#include "command/listing.h"
#include "command/locate.h"
#include "command/report.h"
#include "command/show_manifest.h"
#include "command/where.h"
#include "repository/chain.h"

/* The manifest is found from the end, so a pipe will not do. */
static int
open_regular(
    const char *path, int *ret_fd, uint64_t *ret_bytes, struct err *err)
{
	AUTO(fd) int fd = -1;
	const char *name;
	struct stat st;

	if (input_open(path, &fd, &name, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", name);
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(
		    err, ERR_USAGE, 0, "'%s' is not a regular file", name);
		return err_hint(err,
		    "show reads the end of the archive only: store it first");
	}
	*ret_bytes = (uint64_t)st.st_size;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
show_file(struct session *session, struct err *err)
{
	const char *path = session->options.operands[0];
	struct say *say = &session->say;
	AUTO(manifest) struct manifest manifest = { 0 };
	AUTO(fd) int fd = -1;
	uint64_t bytes = 0;
	struct json json;

	if (command_operands(session, 1, 1, err) < 0 ||
	    open_regular(path, &fd, &bytes, err) < 0 ||
	    archive_peek(fd, path, &manifest, err) < 0)
		return -1;
	if (say->json) {
		const struct report_snapshot snapshot = {
			.manifest = &manifest,
			.archive = path,
			.archive_bytes = bytes,
			.verified = "none",
		};
		report_snapshot(&json, say, &snapshot);
		json_end(&json);
	}
	show_manifest(say, &manifest, bytes);
	return 0;
}

static void
show_files(struct say *say, const struct listing *listing)
{
	static const enum snapshot_file files[] = { SNAPSHOT_ARCHIVE,
		SNAPSHOT_MANIFEST };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		catalog_path(listing->catalog, listing->snapshot, files[i],
		    path, sizeof(path));
		say_line(say, "%s%s",
		    i == 0 ? "files           " : "                ", path);
	}
}

/* What a restore needs, the full first. */
static void
show_chain(
    struct say *say, const struct catalog *catalog, const struct chain *chain)
{
	uint64_t bytes = 0;
	char size[UNITS_TEXT_BYTES];

	for (size_t i = 0; i < chain->count; i++)
		bytes += catalog->list[chain->at[i]].archive_bytes;
	units_format_size(bytes, size);
	say_line(say, "a restore reads %zu archive%s, %s", chain->count,
	    chain->count == 1 ? "" : "s", size);
	for (size_t i = chain->count; i > 0; i--)
		listing_line(say, &catalog->list[chain->at[i - 1]], NULL);
}

static void
put_chain(
    struct json *json, const struct catalog *catalog, const struct chain *chain)
{
	json_open_array(json, "chain");
	for (size_t i = chain->count; i > 0; i--)
		json_put_text(json, NULL, catalog->list[chain->at[i - 1]].id);
	json_close(json);
}

static void
show_standing(struct say *say, const struct listing *listing)
{
	char check[CHECKS_TEXT_BYTES], faults[LISTING_FAULTS_BYTES];

	checks_words(
	    checks_newest(listing->checks, listing->snapshot->id), check);
	listing_faults(listing->snapshot->faults, faults);
	say_line(say, "last check      %s", check);
	say_line(say, "pinned          %s",
	    listing->snapshot->pinned ? "yes: it is never pruned" : "no");
	if (faults[0] != '\0')
		say_line(say, "faults          %s", faults);
}

static int
show_stored(struct session *session, struct err *err)
{
	struct say *say = &session->say;
	AUTO(located) struct located located = { .at = 0 };
	AUTO(checks) struct checks checks = { .count = 0 };
	AUTO(chain) struct chain chain = { .count = 0 };
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;
	struct err broken;
	struct json json;

	if (locate_snapshot(session, &located, err) < 0)
		return -1;
	const struct listing listing = {
		.catalog = &located.catalog,
		.snapshot = located_snapshot(&located),
		.checks = &checks,
	};
	if (catalog_manifest(
		listing.catalog, listing.snapshot, &manifest, &file, err) < 0)
		return -1;
	checks_read(session, &located.repository, located.catalog.set, &checks);
	if (chain_of(listing.catalog, located.at, &chain, &broken) < 0)
		say_warning(say, "it cannot be restored: %s", broken.text);
	if (say->json) {
		listing_json(&json, say, &listing);
		put_chain(&json, listing.catalog, &chain);
		json_end(&json);
	}
	show_manifest(say, &manifest, file.bytes);
	show_files(say, &listing);
	show_standing(say, &listing);
	if (chain.count > 0)
		show_chain(say, listing.catalog, &chain);
	return 0;
}

int
cmd_show(struct session *session, struct err *err)
{
	return where_in_repository(session) ? show_stored(session, err)
					    : show_file(session, err);
}
