/*
 * Names and paths of unknown origin are made printable here, before they are
 * stored: the manifest's reader accepts no others.
 */
#include "backup/describe.h"

#include <stdio.h>
#include <string.h>

#include "base/host.h"
#include "base/text.h"
#include "database/engine.h"

const char *
describe_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

void
describe_path(const struct source *source,
    char ret_path[sizeof(((struct manifest_database *)0)->path)])
{
	text_printable(source->path, ret_path,
	    sizeof(((struct manifest_database *)0)->path));
}

void
describe_database(const struct source *source, const struct pin_facts *facts,
    const char *name, struct manifest_database *db)
{
	(void)snprintf(db->name, sizeof(db->name), "%s", name);
	describe_path(source, db->path);
	db->page_size = facts->page_size;
	db->page_count = facts->page_count;
	(void)snprintf(db->encoding, sizeof(db->encoding), "%s",
	    header_encoding_name(&facts->header));
	(void)snprintf(db->journal_mode, sizeof(db->journal_mode), "%s",
	    facts->header.wal ? "wal" : "rollback");
	db->application_id = facts->header.application_id;
	db->user_version = facts->header.user_version;
	db->uid = source->uid;
	db->gid = source->gid;
	db->mode = source->mode;
	db->device = source->dev;
	db->inode = source->ino;
	db->wal_bytes_before = source_wal_bytes(source);
}

void
describe_maker(const char *tool, struct manifest *manifest)
{
	host_name(manifest->host, sizeof(manifest->host));
	(void)snprintf(
	    manifest->sqlite, sizeof(manifest->sqlite), "%s", engine_version());
	(void)snprintf(manifest->tool, sizeof(manifest->tool), "%s", tool);
}

struct archive_write_options
describe_archive(const struct output *output, const struct manifest *manifest,
    const struct manifest_database *db)
{
	return (struct archive_write_options){
		.fd = output->fd,
		.name = output->name,
		.scratch = output->scratch,
		.member = db->name,
		.page_size = db->page_size,
		.page_count = db->page_count,
		.uid = db->uid,
		.gid = db->gid,
		.mode = db->mode,
		.mtime = manifest->pin_start_ms / 1000,
	};
}
