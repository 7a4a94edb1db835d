/* Manifests as text: made, changed, and refused. */
#ifndef TESTS_UNIT_ARCHIVE_MANIFESTS_H
#define TESTS_UNIT_ARCHIVE_MANIFESTS_H

#include "archive/manifest.h"
#include "base/err.h"

/* The caller frees it. */
char *manifests_encode(const struct manifest *m);

int manifests_decode(const char *json, struct manifest *ret, struct err *err);

/* `json` with the first `from` replaced by `to`; the caller frees it. */
char *manifests_swap(const char *json, const char *from, const char *to);

/*
 * `m` with one change is refused, the message has `says`, and nothing is given
 * back.
 */
void manifests_refused(const struct manifest *m, const char *from,
    const char *to, enum err_kind kind, const char *says);

#endif
