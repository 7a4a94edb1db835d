/*
 * A manifest as a thing that is held, copied and given away; what it is as text
 * is the business of manifest_encode.c and manifest_decode.c.
 */
#include "archive/manifest.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "archive/page_list.h"
#include "base/auto.h"
#include "base/bytes.h"

bool
manifest_is_increment(const struct manifest *manifest)
{
	return strcmp(manifest->kind, MANIFEST_INCREMENT) == 0;
}

bool
manifest_stores_increment(
    const struct manifest *manifest, const struct manifest_database *database)
{
	return manifest_is_increment(manifest) && !database->whole;
}

size_t
manifest_count(const struct manifest *manifest)
{
	return 1 + manifest->more_count;
}

const struct manifest_database *
manifest_at(const struct manifest *manifest, size_t index)
{
	assert(index <= manifest->more_count);
	return index == 0 ? &manifest->database : &manifest->more[index - 1];
}

struct manifest_database *
manifest_edit(struct manifest *manifest, size_t index)
{
	assert(index <= manifest->more_count);
	return index == 0 ? &manifest->database : &manifest->more[index - 1];
}

int
manifest_grow(struct manifest *manifest, size_t count, struct err *err)
{
	assert(manifest->more == NULL);
	assert(count >= 1 && count <= MANIFEST_DATABASES_MAX);
	if (count == 1)
		return 0;
	manifest->more = calloc(count - 1, sizeof(*manifest->more));
	if (manifest->more == NULL)
		return err_system(err, "describe %zu databases", count);
	manifest->more_count = count - 1;
	return 0;
}

const struct manifest_database *
manifest_find(
    const struct manifest *manifest, const char *name, size_t *ret_index)
{
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		if (strcmp(manifest_at(manifest, i)->name, name) != 0)
			continue;
		*ret_index = i;
		return manifest_at(manifest, i);
	}
	return NULL;
}

const struct manifest_database *
manifest_match(
    const struct manifest *manifest, const char *name, size_t *ret_index)
{
	*ret_index = 0;
	return manifest_count(manifest) == 1
		   ? &manifest->database
		   : manifest_find(manifest, name, ret_index);
}

static int
by_name(const void *left, const void *right)
{
	const struct manifest_database *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

int
manifest_state(const struct manifest *manifest, uint8_t ret_state[SHA256_BYTES],
    struct err *err)
{
	const struct manifest_database *sorted[MANIFEST_DATABASES_MAX];
	size_t count = manifest_count(manifest);
	AUTO(sha256) struct sha256 *stream = NULL;

	if (count == 1) {
		memcpy(ret_state, manifest->database.root, SHA256_BYTES);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		sorted[i] = manifest_at(manifest, i);
	qsort(sorted, count, sizeof(sorted[0]), by_name);
	if (sha256_new(&stream, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sha256_add(
		    stream, sorted[i]->name, strlen(sorted[i]->name) + 1);
		sha256_add(stream, sorted[i]->root, SHA256_BYTES);
	}
	sha256_finish(stream, ret_state);
	return 0;
}

const uint8_t *
manifest_parent_state(const struct manifest *manifest)
{
	return manifest->has_parent_state ? manifest->parent_state
					  : manifest->database.parent_root;
}

int
manifest_copy(
    const struct manifest *manifest, struct manifest *ret_copy, struct err *err)
{
	struct manifest copy = *manifest;

	copy.more = NULL;
	copy.more_count = 0;
	if (manifest_grow(&copy, manifest_count(manifest), err) < 0)
		return -1;
	if (copy.more_count > 0)
		memcpy(copy.more, manifest->more,
		    copy.more_count * sizeof(*copy.more));
	*ret_copy = copy;
	return 0;
}

struct manifest
manifest_take(struct manifest *manifest)
{
	struct manifest taken = *manifest;

	manifest->more = NULL;
	manifest->more_count = 0;
	return taken;
}

void
manifest_done(struct manifest *manifest)
{
	free(manifest->more);
	manifest->more = NULL;
	manifest->more_count = 0;
}

void
manifest_auto(struct manifest *manifest)
{
	manifest_done(manifest);
}

uint64_t
manifest_end(
    const struct manifest *manifest, const struct manifest_database *database)
{
	uint64_t sums =
	    (uint64_t)database->pages_stored *
	    (manifest_stores_increment(manifest, database) ? PAGE_ENTRY_BYTES
							   : PAGE_SUM_BYTES);

	return database->sums_offset +
	       (sums + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

int
manifest_new_id(char ret_id[SNAPSHOT_ID_BYTES], struct err *err)
{
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_system(err, "take a random number");
	(void)snprintf(
	    ret_id, SNAPSHOT_ID_BYTES, "%016llx", (unsigned long long)number);
	return 0;
}

void
manifest_root_begin(
    struct sha256 *stream, uint32_t page_size, uint32_t page_count)
{
	uint8_t start[12];

	put_le32(start, page_size);
	put_le64(start + 4, page_count);
	sha256_add(stream, start, sizeof(start));
}
