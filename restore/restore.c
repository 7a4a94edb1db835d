/*
 * A restore, read aloud: look at the place where the database shall be; unpack
 * the archives into a draft beside it, proving every page; let SQLite check it;
 * give it owner and mode; flush it; switch.
 *
 * Up to the last step the target is only looked at, by name.
 */
#include "restore/restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/draft.h"
#include "base/file.h"
#include "restore/publish.h"
#include "restore/target.h"
#include "restore/unpack.h"

/* The first finding that is damage; lesser ones may stand before it. */
static const char *
first_damage(const struct findings *findings)
{
	for (unsigned i = 0; i < findings->listed; i++)
		if (findings->list[i].kind == FINDING_DAMAGED)
			return findings->list[i].text;
	return "see the findings";
}

static const char *
newest_name(const struct restore_options *options)
{
	return options->lineage->archives[0].name;
}

static int
archive_damaged(const struct restore_options *options,
    const struct restore_result *result, struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, 0, "archive '%s' is damaged: %s",
	    options->lineage->archives[result->culprit].name,
	    first_damage(&result->findings));
	return err_hint(err,
	    "nothing was restored and nothing was changed; use another "
	    "archive");
}

static int
unpack(const struct restore_options *options, const struct draft *draft,
    struct restore_result *result, struct err *err)
{
	const struct unpack_options unpack_options = {
		.lineage = options->lineage,
		.image_fd = draft->fd,
		.image_name = draft->path,
		.image_stays = true,
		.scratch = draft->folder,
		.threads = options->threads,
		.phase = "restoring",
		.work = options->work,
	};

	struct unpack_result unpacked;

	int rc = unpack_run(&unpack_options, &unpacked, &result->findings, err);
	result->contents = unpacked.contents;
	result->culprit = unpacked.culprit;
	if (rc < 0) {
		if (err->kind == ERR_NO_SPACE)
			(void)err_hint(err,
			    "nothing was changed; make room on that disk, or "
			    "restore to another one");
		return -1;
	}
	if (result->findings.damaged > 0)
		return archive_damaged(options, result, err);
	return 0;
}

/* What SQLite cannot check here is told to the operator; it is no damage. */
static int
check(const struct restore_options *options, const struct draft *draft,
    struct restore_result *result, struct err *err)
{
	if (options->check == RESTORE_CHECK_NONE)
		return 0;

	work_phase(options->work, "checking", 0);
	if (integrity_check(draft->fd, newest_name(options),
		options->check == RESTORE_CHECK_FULL ? INTEGRITY_FULL
						     : INTEGRITY_QUICK,
		options->work, &result->findings, err) < 0)
		return -1;
	if (result->findings.damaged == 0)
		return 0;

	result->unsound = true;
	(void)err_set(err, ERR_DAMAGED, 0,
	    "archive '%s' is intact, but SQLite finds the database in it "
	    "damaged: %s",
	    newest_name(options), first_damage(&result->findings));
	return err_hint(err,
	    "it was backed up like that; nothing was changed; use an older "
	    "archive, or take it as it is with --check none");
}

/*
 * Owner and mode of the file that is replaced, else those that the manifest
 * tells.  Not being permitted to give a file away is no failure, but then its
 * group bits would open it to a group that nobody meant: they are cut to what
 * everybody may do.
 */
static int
set_owner_and_mode(const struct target *target, const struct draft *draft,
    struct restore_result *result, struct err *err)
{
	const struct manifest_database *db =
	    &result->contents.manifest.database;
	uid_t uid = target->present ? target->uid : (uid_t)db->uid;
	gid_t gid = target->present ? target->gid : (gid_t)db->gid;
	mode_t mode =
	    (target->present ? target->mode : (mode_t)db->mode) & 0777;
	struct stat st;

	/* Refused as a whole, the group alone may still be allowed. */
	if (fchown(draft->fd, uid, gid) < 0)
		(void)!fchown(draft->fd, (uid_t)-1, gid);
	if (fstat(draft->fd, &st) < 0)
		return err_system(
		    err, "look at the draft of '%s'", draft->path);
	result->owner_kept = st.st_uid == uid && st.st_gid == gid;
	if (st.st_gid != gid)
		mode &= ~(mode_t)070 | (mode & 07) << 3;
	if (fchmod(draft->fd, mode) < 0)
		return err_system(err, "set the mode of '%s'", draft->path);
	return 0;
}

/* What lies aside is the operator's to know, also when the switch failed. */
static void
take_aside(struct aside *aside, struct restore_result *result)
{
	for (unsigned i = 0; i < aside->count; i++)
		result->aside[i] = (struct restore_aside){
			.from = take_ptr(&aside->file[i].from),
			.to = take_ptr(&aside->file[i].to),
		};
	result->aside_count = aside->count;
	aside_done(aside);
}

static int
publish(const struct target *target, struct draft *draft,
    struct restore_result *result, struct err *err)
{
	struct published published = PUBLISHED_NONE;

	_Static_assert((int)RESTORE_ASIDE_MAX == (int)FAMILY_FILES,
	    "every file of a database can be told");
	int rc = publish_run(target, draft, &published, err);
	result->replaced = published.replaced;
	result->absent_meanwhile = published.absent_meanwhile;
	take_aside(&published.aside, result);
	return rc;
}

/* Everything that can be refused is refused here, before the work. */
static int
look(const struct restore_options *options, struct target *ret_target,
    struct err *err)
{
	const struct lineage *lineage = options->lineage;

	if (target_inspect(options->target, ret_target, err) < 0)
		return -1;
	for (size_t i = 0; i < lineage->count; i++) {
		struct stat st;

		if (lineage_stat(&lineage->archives[i], &st, err) < 0 ||
		    target_apart(ret_target, &st, err) < 0)
			return -1;
	}
	if (target_permitted(ret_target, options->replace, err) < 0)
		return -1;
	return target_unused(ret_target, err);
}

int
restore_preview(const struct restore_options *options, char ret_path[PATH_MAX],
    struct err *err)
{
	struct target target;

	if (look(options, &target, err) < 0)
		return -1;
	memcpy(ret_path, target.path, sizeof(target.path));
	return 0;
}

int
restore_run(const struct restore_options *options,
    struct restore_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct restore_result *result = ret_result;
	AUTO(draft) struct draft draft = DRAFT_NONE;
	struct target target;

	*result = (struct restore_result){ .owner_kept = false };
	if (look(options, &target, err) < 0 ||
	    draft_open(target.path, &draft, err) < 0)
		return -1;
	memcpy(result->path, target.path, sizeof(result->path));

	/* If we die in here the draft is gone and nothing was changed. */
	if (unpack(options, &draft, result, err) < 0 ||
	    check(options, &draft, result, err) < 0 ||
	    set_owner_and_mode(&target, &draft, result, err) < 0)
		return -1;
	work_phase(options->work, "flushing", 0);
	if (file_flush(draft.fd, draft.path, err) < 0)
		return -1;

	/* The last moment to stop; the switch itself is not interrupted. */
	if (work_check(options->work, err) < 0 ||
	    publish(&target, &draft, result, err) < 0)
		return -1;
	result->seconds = clock_steady() - start;
	return 0;
}

void
restore_result_done(struct restore_result *result)
{
	for (unsigned i = 0; i < result->aside_count; i++) {
		free(result->aside[i].from);
		free(result->aside[i].to);
	}
	result->aside_count = 0;
	archive_contents_done(&result->contents);
}
