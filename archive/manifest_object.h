/*
 * A manifest out of its JSON, once that is parsed.
 *
 * For this room only: an attached and a detached manifest are read by it.
 */
#ifndef ARCHIVE_MANIFEST_OBJECT_H
#define ARCHIVE_MANIFEST_OBJECT_H

#include <jansson.h>

#include "archive/manifest.h"
#include "base/err.h"

/* As manifest_decode(). */
int manifest_from_object(
    const json_t *object, struct manifest *ret_manifest, struct err *err);

#endif
