/*
 * The names of a snapshot's files: "20261120T231500Z-full-7f3a9c2b" is the time
 * of the pin in UTC, the kind, and the first 8 digits of the id; then
 * ".tar.zst" (archive), ".json" (manifest), ".pin", ".condemned" (a manifest
 * that a prune is about to delete).
 *
 * A name is for people and for `ls`: what a snapshot is, its manifest says.
 */
#ifndef REPOSITORY_SNAPSHOT_NAME_H
#define REPOSITORY_SNAPSHOT_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"

/* "20261120T231500Z-full-7f3a9c2b" and a NUL. */
#define SNAPSHOT_NAME_BYTES 40

enum snapshot_file {
	SNAPSHOT_ARCHIVE,
	SNAPSHOT_MANIFEST,
	SNAPSHOT_PIN,
	SNAPSHOT_CONDEMNED,
	SNAPSHOT_DRAFT, /* "NAME.litesafe-XXXXXX": of draft.h */
	SNAPSHOT_FOREIGN, /* no file of ours */
};

extern const char *const snapshot_suffix[SNAPSHOT_DRAFT];

void snapshot_name(
    const struct manifest *manifest, char ret_name[SNAPSHOT_NAME_BYTES]);

/* What a file is by its name, and the name without the suffix. */
enum snapshot_file
snapshot_file_kind(const char *file, char ret_name[SNAPSHOT_NAME_BYTES]);

#endif
