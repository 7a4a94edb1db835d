/*
 * One line, replaced whole.  It is not flushed: to forget a drill costs one
 * more.
 */
#include "repository/state_drill.h"

#include <string.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/clock.h"
#include "base/draft.h"
#include "base/file.h"

static const char file_name[] = "drill";

int64_t
state_drill_last(const struct state *state)
{
	char text[CLOCK_TEXT_BYTES] = "";
	size_t got = 0;
	int64_t time_ms = 0;
	struct err ignored;

	AUTO(fd) int fd = state_file(state, file_name);
	if (fd < 0 || file_read_at(fd, text, sizeof(text) - 1, 0, file_name,
			  &got, &ignored) < 0)
		return 0;
	text[got] = '\0';
	return clock_parse(text, &time_ms, &ignored) < 0 ? 0 : time_ms;
}

int
state_drill_passed(const struct state *state, int64_t time_ms, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	char text[CLOCK_TEXT_BYTES];

	clock_format(time_ms, text);
	if (state_draft(state, file_name, &draft, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	if (file_write(draft.fd, text, strlen(text), file_name, NULL, err) <
		0 ||
	    file_write(draft.fd, "\n", 1, file_name, NULL, err) < 0)
		return -1;
	return draft_publish_unflushed(&draft, err);
}
