/*
 * A line for each check: "ID LEVEL ANSWER TIME", and " CHAIN" where that is
 * known.  Lines are appended in one
 * write, so several processes can do it at once; the last line of a snapshot
 * and level is the newest check, whatever the clock said.
 *
 * The file is cut to what is retained now and then.  If it grew beyond its
 * limit all the same, only its end is read.
 */
#include "repository/state.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/clock.h"
#include "base/file.h"

enum { CHECKS_MAX = 4 << 20, LINE_BYTES = 96 };

/* The shortest line that can be read, with its end. */
enum {
	LINE_LEAST =
	    sizeof("0123456789abcdef stored ok ") - 1 + CLOCK_TEXT_BYTES
};

static const char *const levels[] = {
	[STATE_UNCHANGED] = "unchanged",
	[STATE_STORED] = "stored",
	[STATE_RESTORE] = "restore",
};
static const char *const answers[] = { [STATE_OK] = "ok",
	[STATE_DAMAGED] = "damaged",
	[STATE_UNVERIFIABLE] = "unverifiable" };

enum {
	LEVELS = sizeof(levels) / sizeof(levels[0]),
	ANSWERS = sizeof(answers) / sizeof(answers[0]),
};

static const char file_name[] = "checks";

/* --- lines -------------------------------------------------------------- */

static void
line_of(const struct state_check *check, char ret_line[LINE_BYTES])
{
	char time[CLOCK_TEXT_BYTES];

	clock_format(check->time_ms, time);
	(void)snprintf(ret_line, LINE_BYTES, "%.16s %s %s %s%s%.16s\n",
	    check->id, levels[check->level], answers[check->answer], time,
	    check->chain[0] == '\0' ? "" : " ", check->chain);
}

/* The index of `word`; `count` when it is none of them. */
static unsigned
choose(const char *word, const char *const *words, unsigned count)
{
	unsigned i = 0;

	while (i < count && (words[i] == NULL || strcmp(word, words[i]) != 0))
		i++;
	return i;
}

static bool
is_id(const char *text)
{
	return strlen(text) == SNAPSHOT_ID_BYTES - 1 &&
	       strspn(text, "0123456789abcdef") == SNAPSHOT_ID_BYTES - 1;
}

/* `line` without its end; false when it is not one of ours. */
static bool
parse(const char *line, struct state_check *ret_check)
{
	char level[16], answer[16], time[CLOCK_TEXT_BYTES + 1];
	char id[SNAPSHOT_ID_BYTES + 1], chain[SNAPSHOT_ID_BYTES + 1] = "";
	struct state_check check = { .time_ms = 0 };
	struct err ignored;

	int words = sscanf(
	    line, "%17s %15s %15s %25s %17s", id, level, answer, time, chain);
	if (words < 4 || !is_id(id) || (words == 5 && !is_id(chain)) ||
	    clock_parse(time, &check.time_ms, &ignored) < 0)
		return false;
	unsigned at_level = choose(level, levels, LEVELS);
	unsigned at_answer = choose(answer, answers, ANSWERS);
	if (at_level == LEVELS || at_answer == ANSWERS)
		return false;
	(void)stpcpy(check.id, id);
	(void)stpcpy(check.chain, chain);
	check.level = at_level;
	check.answer = at_answer;
	*ret_check = check;
	return true;
}

/* --- the list ----------------------------------------------------------- */

/* The end of the file, at most CHECKS_MAX bytes; no file is an empty one. */
static int
read_end(const struct state *state, char **ret_text, struct err *err)
{
	struct stat st;
	size_t got = 0;

	AUTO(fd) int fd = state_file(state, file_name);
	bool there = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	uint64_t size = there ? (uint64_t)st.st_size : 0;
	uint64_t from = size > CHECKS_MAX ? size - CHECKS_MAX : 0;
	AUTO(free) char *text = malloc((size_t)(size - from) + 1);

	if (text == NULL)
		return err_system(
		    err, "read '%s/%s'", state->folder, file_name);
	if (there && file_read_at(fd, text, (size_t)(size - from), from,
			 file_name, &got, err) < 0)
		return -1;
	/* A power cut may leave zeros where lines were to be. */
	for (char *p = text; (p = memchr(p, '\0', (size_t)(text + got - p)));)
		*p = '\n';
	text[got] = '\0';
	*ret_text = take_ptr(&text);
	return 0;
}

/* All lines that can be read, in the order of the file. */
static int
read_all(const struct state *state, struct state_check **ret_list,
    size_t *ret_count, struct err *err)
{
	AUTO(free) char *text = NULL;
	size_t count = 0;

	if (read_end(state, &text, err) < 0)
		return -1;
	struct state_check *list =
	    calloc(strlen(text) / LINE_LEAST + 1, sizeof(*list));
	if (list == NULL)
		return err_system(
		    err, "read the checks in '%s'", state->folder);
	for (char *rest = text; rest != NULL;)
		if (parse(strsep(&rest, "\n"), &list[count])) {
			list[count].order = count;
			count++;
		}
	*ret_list = list;
	*ret_count = count;
	return 0;
}

/* The newest of one snapshot and level comes first. */
static int
newest_first(const void *left, const void *right)
{
	const struct state_check *a = left, *b = right;
	int ids = strcmp(a->id, b->id);

	if (ids != 0)
		return ids;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return a->order > b->order ? -1 : 1;
}

static bool
same_question(const struct state_check *a, const struct state_check *b)
{
	return a->level == b->level && strcmp(a->id, b->id) == 0;
}

static int
oldest_first(const void *left, const void *right)
{
	const struct state_check *a = left, *b = right;

	return (a->order > b->order) - (a->order < b->order);
}

/* Leaves the newest of each snapshot and level; how many these are. */
static void
drop_old(struct state_check *list, size_t *count)
{
	size_t kept = 0;

	if (*count > 0)
		qsort(list, *count, sizeof(*list), newest_first);
	for (size_t i = 0; i < *count; i++)
		if (kept == 0 || !same_question(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	*count = kept;
}

int
state_checks_read(const struct state *state, struct state_check **ret_list,
    size_t *ret_count, struct err *err)
{
	AUTO(free) struct state_check *list = NULL;

	if (read_all(state, &list, ret_count, err) < 0)
		return -1;
	drop_old(list, ret_count);
	*ret_list = take_ptr(&list);
	return 0;
}

/* A line that says it, or looks so. */
bool
state_checks_any_damaged(const struct state *state)
{
	AUTO(free) char *text = NULL;
	struct err ignored;

	return read_end(state, &text, &ignored) < 0 ||
	       strstr(text, answers[STATE_DAMAGED]) != NULL;
}

bool
state_checks_damaged(
    const struct state_check *list, size_t count, const char *id)
{
	const struct state_check *damaged = NULL;

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, id) == 0 &&
		    list[i].level == STATE_STORED &&
		    list[i].answer == STATE_DAMAGED)
			damaged = &list[i];
	if (damaged == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, id) == 0 &&
		    list[i].level == STATE_RESTORE &&
		    list[i].order > damaged->order)
			return false;
	return true;
}

const struct state_check *
state_checks_last(const struct state_check *list, size_t count,
    enum state_level level, int64_t until_ms)
{
	const struct state_check *last = NULL;

	assert(level == STATE_STORED || level == STATE_RESTORE);
	for (size_t i = 0; i < count; i++) {
		const struct state_check *check = &list[i];

		if (check->level >= level && check->answer != STATE_DAMAGED &&
		    check->time_ms <= until_ms &&
		    (last == NULL || check->time_ms > last->time_ms))
			last = check;
	}
	return last;
}

/* --- changing it -------------------------------------------------------- */

int
state_check_add(
    const struct state *state, const struct state_check *check, struct err *err)
{
	char line[LINE_BYTES];

	assert(check->level != STATE_NONE);
	line_of(check, line);
	AUTO(fd)
	int fd =
	    belong_open(state->fd, file_name, O_WRONLY | O_CREAT | O_APPEND);
	if (fd < 0)
		return err_system(
		    err, "open '%s/%s'", state->folder, file_name);
	return file_write(fd, line, strlen(line), file_name, NULL, err);
}

static int
compare_ids(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int
write_some(const struct state *state, const struct state_check *list,
    size_t count, const char (*ids)[SNAPSHOT_ID_BYTES], size_t id_count,
    struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	char line[LINE_BYTES];
	int64_t now = clock_now_ms();
	const struct state_check *stored =
	    state_checks_last(list, count, STATE_STORED, now);
	const struct state_check *restored =
	    state_checks_last(list, count, STATE_RESTORE, now);

	if (state_draft(state, file_name, &draft, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	for (size_t i = 0; i < count; i++) {
		if (&list[i] != stored && &list[i] != restored &&
		    bsearch(list[i].id, ids, id_count, sizeof(*ids),
			compare_ids) == NULL)
			continue;
		line_of(&list[i], line);
		if (file_write(draft.fd, line, strlen(line), draft.path, NULL,
			err) < 0)
			return -1;
	}
	return draft_publish(&draft, DRAFT_REPLACE, err);
}

/* A line that is appended while we write is lost: it is only a memory. */
int
state_checks_retain(const struct state *state,
    const char (*ids)[SNAPSHOT_ID_BYTES], size_t count, struct err *err)
{
	AUTO(free) struct state_check *list = NULL;
	AUTO(free)
	char(*sorted)[SNAPSHOT_ID_BYTES] = calloc(count + 1, sizeof(*sorted));
	size_t lines = 0;

	if (sorted == NULL)
		return err_system(err, "forget old checks");
	if (state_checks_read(state, &list, &lines, err) < 0)
		return -1;
	if (lines == 0)
		return 0;
	qsort(list, lines, sizeof(*list), oldest_first);
	if (count > 0)
		memcpy(sorted, ids, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_ids);
	return write_some(state, list, lines,
	    (const char(*)[SNAPSHOT_ID_BYTES])sorted, count, err);
}
