#include "tests/unit/database/captured.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/unit/database/pinned.h"

static int
keep_page(void *ctx, const uint8_t *page, struct err *page_err)
{
	struct captured *image = ctx;

	image->count++;
	if (image->count == image->act_at && image->act(page_err) < 0)
		return -1;
	memcpy(image->bytes + image->len, page, image->page_size);
	image->len += image->page_size;
	return 0;
}

int
captured_try(struct pin *pin, struct captured *image, const struct work *work)
{
	const struct pin_facts *facts = pin_facts(pin);
	const struct capture_options options = {
		.work = work,
		.pace = image->pace,
		.page = keep_page,
		.ctx = image,
	};

	image->page_size = facts->page_size;
	image->bytes = malloc((size_t)facts->page_size * facts->page_count);
	cr_assert_not_null(image->bytes);
	return capture_run(pin, &options, &pinned_err);
}

struct captured
captured(struct pin *pin)
{
	struct captured image = { .len = 0 };

	cr_assert_eq(captured_try(pin, &image, NULL), 0, "%s", pinned_err.text);
	cr_assert_eq(image.count, pin_facts(pin)->page_count);
	return image;
}
