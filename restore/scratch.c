/*
 * A descriptor for each image; where they end the kernel takes the files.
 */
#include "restore/scratch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/file.h"
#include "restore/soundness.h"

int
scratch_image(void *ctx, const char *database, struct unpack_image *ret_image,
    struct err *err)
{
	struct scratch *scratch = ctx;

	if (scratch->files == NULL)
		scratch->files =
		    calloc(MANIFEST_DATABASES_MAX, sizeof(*scratch->files));
	if (scratch->files == NULL)
		return err_system(err, "rebuild '%s'", database);
	struct scratch_file *file = &scratch->files[scratch->count];
	(void)snprintf(scratch->shown, sizeof(scratch->shown),
	    "scratch file in %s", scratch->folder);
	(void)snprintf(file->database, sizeof(file->database), "%s", database);
	if (file_scratch(scratch->folder, &file->fd, err) < 0)
		return -1;
	scratch->count++;
	ret_image->fd = file->fd;
	ret_image->name = scratch->shown;
	return 0;
}

int
scratch_check(const struct scratch *scratch, const char *name,
    enum integrity_level level, struct work *work, struct findings *findings,
    struct err *err)
{
	for (size_t i = 0; i < scratch->count; i++) {
		const struct scratch_file *file = &scratch->files[i];

		if (soundness_check(file->fd, name,
			scratch->count == 1 ? NULL : file->database, level,
			work, findings, err) < 0)
			return -1;
	}
	return 0;
}

void
scratch_auto(struct scratch *scratch)
{
	for (size_t i = 0; i < scratch->count; i++)
		fd_auto(&scratch->files[i].fd);
	free(scratch->files);
	scratch->files = NULL;
	scratch->count = 0;
}
