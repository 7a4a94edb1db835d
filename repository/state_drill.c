/*
 * One line, replaced whole.  It is not flushed: to forget a drill costs one
 * more.
 */
#include "repository/state_drill.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/clock.h"
#include "base/draft.h"
#include "base/file.h"

static const char passed[] = "drill", failed[] = "drill-failed";

static int64_t
read_time(const struct state *state, const char *file_name)
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

static int
keep_time(const struct state *state, const char *file_name, int64_t time_ms,
    struct err *err)
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

int64_t
state_drill_last(const struct state *state)
{
	return read_time(state, passed);
}

int64_t
state_drill_failure(const struct state *state)
{
	return read_time(state, failed);
}

int
state_drill_passed(const struct state *state, int64_t time_ms, struct err *err)
{
	if (keep_time(state, passed, time_ms, err) < 0)
		return -1;
	if (unlinkat(state->fd, failed, 0) < 0 && errno != ENOENT)
		return err_system(err, "remove '%s/%s'", state->folder, failed);
	return 0;
}

int
state_drill_failed(const struct state *state, int64_t time_ms, struct err *err)
{
	return keep_time(state, failed, time_ms, err);
}
