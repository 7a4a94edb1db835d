/*
 * All operands are followed first; what was found twice goes then, and names
 * are compared last.
 */
#include "command/backup_targets.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/name.h"
#include "base/auto.h"
#include "base/pattern.h"
#include "base/quote.h"
#include "database/discover.h"
#include "repository/repository.h"

/* What one operand leads to is found with this. */
struct finder {
	struct session *session;
	struct tally *tally;
	struct backup_targets *targets;
	size_t operand; /* its number */
	size_t fixed; /* of a pattern: bytes before what names a set */
	const char
	    *above; /* "x/": the sets of a folder below a pattern; or "" */
	size_t found; /* by this operand, and told of it */
};

void
backup_targets_auto(struct backup_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		free(targets->list[i].path);
		free(targets->list[i].set);
	}
	free(targets->list);
	*targets = (struct backup_targets){ 0 };
}

static int
no_memory(struct err *err)
{
	return err_system(err, "list the databases");
}

/* Tells and counts it; -1 only when all must end. */
static int
failed(struct finder *finder, const char *set, const char *path,
    struct err *one, struct err *err)
{
	const struct tally_object object = { .set = set, .path = path };

	finder->found++;
	return tally_failed(finder->tally, finder->session, &object, one, err);
}

static int
grow(struct backup_targets *targets, struct err *err)
{
	size_t room = targets->room == 0 ? 64 : targets->room * 2;

	if (targets->count < targets->room)
		return 0;
	if (targets->count >= BACKUP_TARGETS_MAX) {
		(void)err_set(err, ERR_FAILED, 0,
		    "there are more than %d databases", BACKUP_TARGETS_MAX);
		return err_hint(
		    err, "name folders further down, in several runs");
	}
	struct backup_target *list =
	    reallocarray(targets->list, room, sizeof(*list));
	if (list == NULL)
		return no_memory(err);
	targets->list = list;
	targets->room = room;
	return 0;
}

/* A set cannot be called so, or the database in its archives cannot. */
static int
check_names(const char *path, const char *set, struct err *err)
{
	const char *slash = strrchr(set, '/');

	if (name_check(slash == NULL ? set : slash + 1, err) < 0)
		return err_hint(err,
		    "back it up by itself: make a symlink with a plain name to "
		    "'%s', and name that link",
		    path);
	if (name_check_set(set, err) < 0)
		return err_hint(err,
		    "back it up by itself, with another name: litesafe backup "
		    "%s --set NAME",
		    quote_word(path, "DATABASE").text);
	return 0;
}

/* Takes over what it is given. */
static int
append(struct finder *finder, char *path, char *set, const struct stat *st,
    bool crooked, struct err *err)
{
	AUTO(free) char *own_path = path;
	AUTO(free) char *own_set = set;
	struct backup_targets *targets = finder->targets;
	struct err one;

	if (own_path == NULL || own_set == NULL)
		return no_memory(err);
	if (check_names(path, set, &one) < 0)
		return failed(finder, NULL, path, &one, err);
	if (grow(targets, err) < 0)
		return -1;
	finder->found++;
	targets->list[targets->count++] = (struct backup_target){
		.path = take_ptr(&own_path),
		.set = take_ptr(&own_set),
		.dev = st == NULL ? 0 : st->st_dev,
		.ino = st == NULL ? 0 : st->st_ino,
		.rank = finder->operand * 2 + (crooked ? 1 : 0),
	};
	return 0;
}

static int
found(void *ctx, const char *path, const char *below, const struct stat *st,
    struct err *err)
{
	struct finder *finder = ctx;
	char *set = NULL;

	if (asprintf(&set, "%s%s", finder->above, below) < 0)
		return no_memory(err);
	return append(finder, strdup(path), set, st, false, err);
}

static int
fault(void *ctx, const char *path, struct err *one, struct err *err)
{
	return failed(ctx, NULL, path, one, err);
}

static int
search_folder(struct finder *finder, const char *folder, struct err *err)
{
	struct session *session = finder->session;
	const struct discover_options options = {
		.folder = folder,
		.not_in = REPOSITORY_FILE,
		.one_filesystem = session->options.one_filesystem,
		.work = &session->work,
		.found = found,
		.fault = fault,
		.ctx = finder,
	};

	return discover(&options, err);
}

/*
 * The way from the fixed part of a pattern leads through a link.  A link's
 * target may change with each release of an application; of two ways to one
 * file the straight one keeps its name.
 */
static bool
is_crooked(const char *path, const char *below)
{
	AUTO(free) char *real = realpath(path, NULL);
	size_t len = strlen(below);

	if (real == NULL)
		return false;
	size_t real_len = strlen(real);
	return real_len <= len || real[real_len - len - 1] != '/' ||
	       strcmp(real + real_len - len, below) != 0;
}

static int
search_match(
    struct finder *finder, const char *path, const char *below, struct err *err)
{
	AUTO(free) char *above = NULL;

	if (asprintf(&above, "%s/", below) < 0) {
		above = NULL;
		return no_memory(err);
	}
	finder->above = above;
	int rc = search_folder(finder, path, err);
	finder->above = "";
	return rc;
}

static int
match(void *ctx, const char *path, struct err *err)
{
	struct finder *finder = ctx;
	const char *below = path + finder->fixed;
	struct err one;
	struct stat st;
	bool is = false;

	if (work_check(&finder->session->work, err) < 0)
		return -1;
	if (discover_is_database(path, &is, &st, &one) < 0)
		return failed(finder, NULL, path, &one, err);
	if (is)
		return append(finder, strdup(path), strdup(below), &st,
		    is_crooked(path, below), err);
	if (S_ISDIR(st.st_mode) && finder->session->options.recursive)
		return search_match(finder, path, below, err);
	return 0;
}

static int
no_match(void *ctx, const char *path, int reason, struct err *err)
{
	struct err one;

	(void)err_set(&one, ERR_INPUT, reason,
	    "'%s', which the pattern leads to, cannot be read: %s", path,
	    strerror(reason));
	if (reason == EACCES)
		(void)err_hint(&one,
		    "a database there would not be saved: run litesafe as a "
		    "user that may read it");
	return failed(ctx, NULL, path, &one, err);
}

static int
search_pattern(struct finder *finder, const char *pattern, struct err *err)
{
	const struct pattern_visitor visitor = {
		.match = match,
		.fault = no_match,
		.ctx = finder,
	};

	finder->fixed = pattern_fixed(pattern);
	return pattern_expand(pattern, &visitor, err);
}

/* One slash between two parts, none at the end: sets are named by it. */
static char *
tidied(const char *operand)
{
	char *path = strdup(operand);
	size_t len = 0;

	for (size_t i = 0; path != NULL && path[i] != '\0'; i++)
		if (path[i] != '/' || len == 0 || path[len - 1] != '/')
			path[len++] = path[i];
	if (path == NULL)
		return NULL;
	if (len > 1 && path[len - 1] == '/')
		len--;
	path[len] = '\0';
	return path;
}

/* Whatever it is: the backup itself says why it is no database. */
static int
append_named(struct finder *finder, const char *path, const struct stat *st,
    struct err *err)
{
	const char *name = finder->session->options.set;
	const char *slash = strrchr(path, '/');

	if (name == NULL)
		name = slash == NULL || slash[1] == '\0' ? path : slash + 1;
	return append(finder, strdup(path), strdup(name), st, false, err);
}

static int
found_nothing(struct finder *finder, const char *operand, struct err *err)
{
	struct err one;
	bool pattern = finder->fixed > 0 || pattern_is_one(operand);

	(void)err_set(&one, ERR_ABSENT, 0,
	    pattern ? "no database matches '%s'"
		    : "there is no database in '%s' or below it",
	    operand);
	(void)err_hint(&one,
	    "databases are known by how they begin; an encrypted one must be "
	    "named by itself");
	return failed(finder, NULL, operand, &one, err);
}

/* A job that names a folder can mean nothing else. */
static bool
searches_folders(const struct session *session)
{
	return session->options.recursive || session->command->bit == FOR_RUN;
}

static int
search(struct finder *finder, const char *operand, struct err *err)
{
	AUTO(free) char *path = tidied(operand);
	struct stat st;
	bool there, pattern;

	if (path == NULL)
		return no_memory(err);
	there = stat(path, &st) == 0;
	pattern = !there && pattern_is_one(path) && lstat(path, &st) < 0;
	finder->found = 0;
	finder->fixed = 0;
	if (!pattern && (!there || !S_ISDIR(st.st_mode) ||
			    !searches_folders(finder->session)))
		return append_named(finder, path, there ? &st : NULL, err);
	if ((pattern ? search_pattern(finder, path, err)
		     : search_folder(finder, path, err)) < 0)
		return -1;
	return finder->found > 0 ? 0 : found_nothing(finder, path, err);
}

static int
by_set(const void *left, const void *right)
{
	const struct backup_target *a = left, *b = right;
	int order = strcmp(a->set, b->set);

	return order != 0 ? order : strcmp(a->path, b->path);
}

static int
by_file(const void *left, const void *right)
{
	const struct backup_target *a = left, *b = right;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return by_set(left, right);
}

/* What was found by several ways stays once. */
static void
drop_repeated(struct backup_targets *targets)
{
	struct backup_target *list = targets->list;
	size_t kept = 0;

	qsort(list, targets->count, sizeof(*list), by_file);
	for (size_t i = 0; i < targets->count; i++) {
		if (kept > 0 && list[i].ino != 0 &&
		    list[i].dev == list[kept - 1].dev &&
		    list[i].ino == list[kept - 1].ino) {
			free(list[i].path);
			free(list[i].set);
		} else {
			list[kept++] = list[i];
		}
	}
	targets->count = kept;
}

static int
check_clash(const struct backup_targets *targets, struct err *err)
{
	for (size_t i = 1; i < targets->count; i++) {
		const struct backup_target *one = &targets->list[i - 1],
					   *other = &targets->list[i];

		if (strcmp(one->set, other->set) != 0)
			continue;
		(void)err_set(err, ERR_REFUSED, 0,
		    "'%s' and '%s' would both be the set '%s'; nothing was "
		    "stored",
		    one->path, other->path, one->set);
		return err_hint(err,
		    "sets are named by their path below the folder that was "
		    "named: name a folder above both, or back one of them up by "
		    "itself with --set NAME, or in a job of its own: set = NAME");
	}
	return 0;
}

int
backup_targets_find(struct session *session, struct tally *tally,
    struct backup_targets *ret_targets, struct err *err)
{
	const struct options *options = &session->options;
	AUTO(backup_targets) struct backup_targets targets = { 0 };
	struct finder finder = {
		.session = session,
		.tally = tally,
		.targets = &targets,
		.above = "",
	};

	for (; finder.operand < options->operand_count; finder.operand++)
		if (search(&finder, options->operands[finder.operand], err) < 0)
			return -1;
	if (targets.count > 0) {
		drop_repeated(&targets);
		qsort(
		    targets.list, targets.count, sizeof(*targets.list), by_set);
	}
	if (check_clash(&targets, err) < 0) {
		/* What was told before is something else. */
		session->say.told = false;
		return -1;
	}
	*ret_targets = targets;
	targets = (struct backup_targets){ 0 };
	return 0;
}
