/*
 * A number has one form: no sign, no leading zero, no more digits than the
 * size of any database.
 */
#include "archive/sparse_map.h"

#include "archive/layout.h"
#include "base/bytes.h"

/* 2^48, the largest image, has 15. */
enum { DIGITS_MAX = 15 };

struct text {
	const uint8_t *at;
	const uint8_t *end;
};

static int
bad_map(const char *why, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0, "its map %s", why);
}

static int
next_number(struct text *text, uint64_t *ret_number, struct err *err)
{
	const uint8_t *start = text->at;
	uint64_t number = 0;

	while (text->at < text->end && text->at - start < DIGITS_MAX &&
	       *text->at >= '0' && *text->at <= '9')
		number = 10 * number + (uint64_t)(*text->at++ - '0');
	bool whole = text->at > start && text->at < text->end &&
		     *text->at == '\n' &&
		     (*start != '0' || text->at - start == 1);
	if (!whole)
		return bad_map("has something that is no number", err);
	text->at++;
	*ret_number = number;
	return 0;
}

/* One entry; `end` is where the runs before it end, 0 before the first. */
static int
add_entry(struct text *text, struct sparse_map *sparse, uint64_t *end,
    struct err *err)
{
	uint64_t offset = 0, len = 0;

	if (next_number(text, &offset, err) < 0 ||
	    next_number(text, &len, err) < 0)
		return -1;
	if (sparse->runs > 0 && offset <= *end)
		return bad_map("has runs that are out of order or touch", err);
	if (offset > sparse->size || len > sparse->size - offset)
		return bad_map("has a run beyond the end of the file", err);
	if (len == 0 && offset != sparse->size)
		return bad_map("has an empty run", err);
	if (offset % sparse->unit != 0 || len % sparse->unit != 0)
		return bad_map("has a run that is not of whole pages", err);
	if (len > 0 && sparse->runs == RUNS_MAX)
		return bad_map("has too many runs", err);
	if (len > 0)
		sparse->runs++;
	sparse->bytes += len;
	*end = offset + len;
	return 0;
}

/* What is left of the map's last block. */
static int
check_padding(const struct text *text, struct err *err)
{
	size_t left = (size_t)(text->end - text->at);

	if (left >= TAR_BLOCK || !bytes_are_zero(text->at, left))
		return bad_map("is followed by something", err);
	return 0;
}

static int
next_count(struct text *text, uint64_t *ret_count, struct err *err)
{
	if (next_number(text, ret_count, err) < 0)
		return -1;
	if (*ret_count == 0 || *ret_count > RUNS_MAX + 1)
		return bad_map("has no entry, or too many", err);
	return 0;
}

bool
sparse_map_is_bounded(const uint8_t *map, size_t len)
{
	struct text text = { .at = map, .end = map + len };
	uint64_t count = 0;
	struct err why;

	return next_count(&text, &count, &why) == 0;
}

int
sparse_map_decode(
    const uint8_t *map, size_t len, struct sparse_map *sparse, struct err *err)
{
	struct text text = { .at = map, .end = map + len };
	uint64_t count = 0, end = 0;

	sparse->runs = 0;
	sparse->bytes = 0;
	if (next_count(&text, &count, err) < 0)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		/* An entry that ends the file is the last one. */
		if (i > 0 && end == sparse->size)
			return bad_map("goes on behind the file's end", err);
		if (add_entry(&text, sparse, &end, err) < 0)
			return -1;
	}
	if (end != sparse->size)
		return bad_map("does not reach the end of the file", err);
	if (sparse->bytes == sparse->size)
		return bad_map("is of a file without holes", err);
	return check_padding(&text, err);
}
