/*
 * Increments as the product writes them, of pages that crafted.h makes.
 */
#ifndef TESTS_UNIT_ARCHIVE_INCREMENTS_H
#define TESTS_UNIT_ARCHIVE_INCREMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/detached.h"
#include "archive/manifest.h"
#include "archive/page_list.h"
#include "tests/unit/archive/crafted.h"

/* Which pages there are. */
struct increment {
	const char *name; /* "app.db" */
	uint32_t page_size; /* 512 */
	uint32_t page_count; /* 10 */
	bool (*stored)(uint32_t number); /* NULL: none */
};

bool every_page(uint32_t number);
bool every_second(uint32_t number); /* 1, 3, 5, ... */
bool every_third(uint32_t number); /* 3, 6, 9, ... */
bool pages_2_3_4_and_8(uint32_t number);
bool page_1(uint32_t number);
bool page_10(uint32_t number);

/* Numbers and sums of its pages. */
struct page_list *increment_pages(const struct increment *increment);

struct archive_write_options
increment_options(const struct increment *increment, int fd);

/* All but what the writer fills. */
struct manifest increment_manifest(const struct increment *increment);

/* In memory; and what it says of itself. */
struct bytes increment_archive(const struct increment *increment,
    struct manifest *ret_manifest, struct stored_file *ret_file);

#endif
