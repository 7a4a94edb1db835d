/*
 * For tests that capture a pinned database (live.h, pinned.h): the pages as they
 * came, and what may happen meanwhile.
 */
#ifndef TESTS_UNIT_DATABASE_CAPTURED_H
#define TESTS_UNIT_DATABASE_CAPTURED_H

#include "base/pace.h"
#include "base/work.h"
#include "database/capture.h"
#include "database/pin.h"

/* The pages that came, one behind the other. */
struct captured {
	uint8_t *bytes; /* the caller's to free */
	size_t len, page_size;
	uint32_t count;
	uint32_t act_at; /* before this page (1 is the first) */
	int (*act)(struct err *act_err);
	struct pace *pace; /* or NULL */
};

/* capture_run() into *image; why it failed is in pinned_err. */
int
captured_try(struct pin *pin, struct captured *image, const struct work *work);

/* It does not fail, and all pages came. */
struct captured captured(struct pin *pin);

#endif
