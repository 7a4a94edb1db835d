/*
 * A piece is copied in at most two parts, before and behind the end of the
 * memory.
 */
#include "notify/recent.h"

#include <string.h>

static void
put(struct recent *recent, const char *bytes, size_t len)
{
	size_t end = (recent->begin + recent->count) % recent->size;
	size_t first = len < recent->size - end ? len : recent->size - end;

	memcpy(recent->bytes + end, bytes, first);
	memcpy(recent->bytes, bytes + first, len - first);
	recent->count += len;
}

void
recent_add(struct recent *recent, const char *bytes, size_t len)
{
	if (recent->size == 0)
		return;
	if (len > recent->size) {
		bytes += len - recent->size;
		len = recent->size;
		recent->cut = true;
	}

	size_t room = recent->size - recent->count;
	if (len > room) {
		size_t gone = len - room;

		recent->begin = (recent->begin + gone) % recent->size;
		recent->count -= gone;
		recent->cut = true;
	}
	put(recent, bytes, len);
}

size_t
recent_copy(const struct recent *recent, char *ret_bytes, size_t most)
{
	size_t len = recent->count < most ? recent->count : most;

	if (len == 0)
		return 0;
	size_t begin = (recent->begin + recent->count - len) % recent->size;
	size_t first = len < recent->size - begin ? len : recent->size - begin;

	memcpy(ret_bytes, recent->bytes + begin, first);
	memcpy(ret_bytes + first, recent->bytes, len - first);
	return len;
}
