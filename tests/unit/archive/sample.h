/*
 * Manifests with something in every field.
 */
#ifndef TESTS_UNIT_ARCHIVE_SAMPLE_H
#define TESTS_UNIT_ARCHIVE_SAMPLE_H

#include "archive/manifest.h"

/* Of a full, and of an increment of 5 pages; `stored_bytes` is 123456789012. */
struct manifest sample_full(void);
struct manifest sample_increment(void);

#endif
