/*
 * How a snapshot comes into being: its archive has its name already, durably;
 * then its manifest gets one, which commits it.
 *
 * Nothing that is named is ever changed or replaced.  After the commit the
 * ancestors are looked for once more: had a prune taken one of them away
 * meanwhile, the snapshot would be one that cannot be restored, so its
 * manifest goes again and the backup fails (see prune.h for why one of the two
 * always notices the other).
 */
#ifndef REPOSITORY_COMMIT_H
#define REPOSITORY_COMMIT_H

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "repository/repository.h"

/*
 * `folder` of the set; the archive is in it under its name.  ERR_FAILED when an
 * ancestor vanished; nothing was committed then.
 */
int commit_manifest(const struct repository *repository,
    const struct manifest *manifest, const struct stored_file *file,
    struct err *err);

/* Whether a snapshot and all its ancestors have their manifests and archives. */
int commit_ancestors_there(const struct repository *repository, const char *set,
    const char *id, struct err *err);

#endif
