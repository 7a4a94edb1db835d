/*
 * A manifest in words, as `litesafe show` prints it.
 */
#ifndef COMMAND_SHOW_MANIFEST_H
#define COMMAND_SHOW_MANIFEST_H

#include <stdint.h>

#include "archive/manifest.h"
#include "command/say.h"

/* `archive_bytes`: size of the archive as a file. */
void show_manifest(
    struct say *say, const struct manifest *manifest, uint64_t archive_bytes);

#endif
