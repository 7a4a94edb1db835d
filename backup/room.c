/*
 * The estimate is halved: data may compress twice as well as it used to, and
 * then it would be wrong to refuse.
 */
#include "backup/room.h"

#include "base/file.h"
#include "base/units.h"

static int
room_for(const struct output *output, const struct parent *parent,
    uint64_t bytes, struct err *err)
{
	char has[UNITS_TEXT_BYTES], needs[UNITS_TEXT_BYTES];
	uint64_t there = 0;

	if (parent->full_image_bytes == 0)
		return 0; /* nothing is known of this data */
	if (file_free_space(output->fd, output->name, &there, err) < 0)
		return -1;
	double ratio = (double)parent->full_archive_bytes /
		       (double)parent->full_image_bytes;
	uint64_t needed = (uint64_t)(ratio * (double)bytes / 2);
	if (there >= needed)
		return 0;
	units_format_size(there, has);
	units_format_size(needed, needs);
	(void)err_set(err, ERR_NO_SPACE, 0,
	    "'%s' has %s free, and the archive needs more than %s",
	    output->scratch, has, needs);
	return err_hint(err,
	    "make room there, or let 'litesafe prune' delete old snapshots");
}

int
room_for_full(const struct output *output, const struct parent *parent,
    const struct manifest_database *db, struct err *err)
{
	return room_for(
	    output, parent, (uint64_t)db->page_count * db->page_size, err);
}

int
room_for_increment(const struct output *output, const struct parent *parent,
    const struct manifest_database *db, uint32_t pages, struct err *err)
{
	return room_for(output, parent, (uint64_t)pages * db->page_size, err);
}
