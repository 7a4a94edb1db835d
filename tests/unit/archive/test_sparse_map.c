/* One text for one map, and no other is taken. */
#include "archive/sparse_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "archive/layout.h"

/* The text, filled up with zeros to a block. */
static int
decode(const char *text, struct sparse_map *map, struct err *err)
{
	size_t len = (strlen(text) + 511) / 512 * 512;
	uint8_t *padded = calloc(1, len + 1);

	memcpy(padded, text, strlen(text));
	*map = (struct sparse_map){ .size = 40960, .unit = 4096 };
	*err = (struct err){ 0 };
	int rc = sparse_map_decode(padded, len, map, err);
	free(padded);
	return rc;
}

static void
taken(const char *text, uint32_t runs, uint64_t bytes)
{
	struct sparse_map map;
	struct err err;

	cr_assert_eq(decode(text, &map, &err), 0, "%s: %s", text, err.text);
	cr_expect_eq(map.runs, runs);
	cr_expect_eq(map.bytes, bytes);
}

static void
refused(const char *text, const char *words)
{
	struct sparse_map map;
	struct err err;

	cr_assert_eq(decode(text, &map, &err), -1, "taken: %s", text);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(
	    strstr(err.text, words), "'%s' not in: %s", words, err.text);
}

Test(sparse_map, what_libarchive_writes)
{
	taken("1\n40960\n0\n", 0, 0);
	taken("1\n36864\n4096\n", 1, 4096);
	taken("2\n0\n4096\n40960\n0\n", 1, 4096);
	taken("3\n4096\n4096\n20480\n8192\n40960\n0\n", 2, 12288);
	taken("2\n0\n4096\n8192\n32768\n", 2, 36864);
}

Test(sparse_map, runs_are_in_order_apart_and_in_the_file)
{
	refused("3\n8192\n4096\n0\n4096\n40960\n0\n", "out of order");
	refused("3\n4096\n4096\n4096\n4096\n40960\n0\n", "out of order");
	refused("3\n4096\n8192\n8192\n4096\n40960\n0\n", "out of order");
	refused("3\n4096\n4096\n8192\n4096\n40960\n0\n", "touch");
	refused("1\n36864\n8192\n", "beyond the end");
	refused("1\n45056\n0\n", "beyond the end");
	refused("1\n281474976710656\n281474976710656\n", "beyond the end");
}

Test(sparse_map, runs_are_whole_pages)
{
	refused("2\n4096\n4095\n40960\n0\n", "whole pages");
	refused("2\n4097\n4096\n40960\n0\n", "whole pages");
	refused("2\n512\n4096\n40960\n0\n", "whole pages");
	refused("3\n4096\n4096\n16384\n0\n40960\n0\n", "empty run");
}

Test(sparse_map, it_ends_with_the_file)
{
	refused("1\n0\n4096\n", "does not reach");
	refused("2\n4096\n4096\n8192\n4096\n", "touch");
	refused("2\n36864\n4096\n40960\n0\n", "goes on");
	refused("2\n40960\n0\n40960\n0\n", "goes on");
	refused("1\n0\n40960\n", "without holes");
}

Test(sparse_map, numbers_have_one_form)
{
	refused("", "no number");
	refused("1", "no number");
	refused("1\n40960\n0", "no number");
	refused("1\n40960\n", "no number");
	refused("1\n040960\n0\n", "no number");
	refused("1\n+40960\n0\n", "no number");
	refused("1\n 40960\n0\n", "no number");
	refused("1\n40960 \n0\n", "no number");
	refused("1\n40960\n-1\n", "no number");
	refused("1\n40960\n\n", "no number");
	refused("1\n4096000000000000\n0\n", "no number");
	refused("1\n18446744073709551616\n0\n", "no number");
	refused("0x1\n40960\n0\n", "no number");
	refused("1\r\n40960\n0\n", "no number");
}

Test(sparse_map, nothing_else_is_in_it)
{
	refused("1\n40960\n0\nx", "followed");
	refused("1\n40960\n0\n0\n", "followed");
	char text[600] = "1\n40960\n0\n";
	struct sparse_map map = { .size = 40960, .unit = 4096 };
	struct err err;

	cr_expect_eq(sparse_map_decode((uint8_t *)text, 512, &map, &err), 0);
	cr_expect_eq(sparse_map_decode((uint8_t *)text, 600, &map, &err), -1);
	text[511] = 1;
	cr_expect_eq(sparse_map_decode((uint8_t *)text, 512, &map, &err), -1);
}

/* `runs` runs of every second page. */
static char *
many(uint32_t runs, struct sparse_map *map)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	map->unit = 512;
	map->size = (uint64_t)runs * 1024;
	(void)fprintf(out, "%u\n", runs + 1);
	for (uint32_t i = 0; i < runs; i++)
		(void)fprintf(out, "%u\n512\n", i * 1024);
	(void)fprintf(out, "%u\n0\n", runs * 1024);
	cr_assert_eq(fclose(out), 0);
	return text;
}

Test(sparse_map, the_number_of_runs_has_a_limit)
{
	struct sparse_map map;
	struct err err;
	char *text = many(RUNS_MAX, &map);

	cr_expect_eq(
	    sparse_map_decode((uint8_t *)text, strlen(text), &map, &err), 0);
	cr_expect_eq(map.runs, RUNS_MAX);
	free(text);
	text = many(RUNS_MAX + 1, &map);
	cr_expect_eq(
	    sparse_map_decode((uint8_t *)text, strlen(text), &map, &err), -1);
	cr_expect_str_eq(err.text, "its map has no entry, or too many");
	free(text);
	refused("0\n", "no entry");
	refused("999999999999999\n40960\n0\n", "too many");
	/* A last run in place of the empty entry is one too many, too. */
	text = many(RUNS_MAX, &map);
	char *last = strrchr(text, '0'), *longer = NULL;
	cr_assert_geq(
	    asprintf(&longer, "%.*s512\n", (int)(last - text), text), 0);
	map.size += 512;
	cr_expect_eq(
	    sparse_map_decode((uint8_t *)longer, strlen(longer), &map, &err),
	    -1);
	free(longer);
	free(text);
}
