/*
 * "The application" is, to us, the user who owns the database.  What an owner
 * may do with another's file is read off its mode; supplementary groups are
 * not known, so a file of the database's own group that the group may write is
 * believed to be fine.
 */
#include "doctor/judge.h"

#include <inttypes.h>
#include <string.h>

#include "database/side_files.h"

/* Below this, and as much again as the WAL has, growth may fail. */
static const uint64_t room_wanted = 64 << 20;

static void
judge_room(const struct facts *facts, struct diagnosis *diagnosis)
{
	uint64_t wanted = room_wanted + facts->source.wal_bytes;

	if (facts->free_bytes >= wanted)
		return;
	(void)diagnosis_add(diagnosis, FOUND_SPACE_LOW, SEVERITY_WARNING,
	    facts->source.path,
	    "%.1f MiB are left on its filesystem, for a database of %.1f MiB "
	    "and a -wal of %.1f MiB",
	    (double)facts->free_bytes / (1 << 20),
	    (double)facts->source.bytes / (1 << 20),
	    (double)facts->source.wal_bytes / (1 << 20));
}

static void
judge_names(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (facts->st[0].st_nlink <= 1)
		return;
	if (facts->twin[0] != '\0')
		(void)diagnosis_add(diagnosis, FOUND_RESTORE_TWIN,
		    SEVERITY_ERROR, facts->source.path,
		    "an interrupted restore left a second name of it: '%s'",
		    facts->twin);
	else
		(void)diagnosis_add(diagnosis, FOUND_HARD_LINK, SEVERITY_ERROR,
		    facts->source.path, "it has %ju hard links",
		    (uintmax_t)facts->st[0].st_nlink);
}

static void
judge_filesystem(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (facts->shared_filesystem == NULL)
		return;
	(void)diagnosis_add(diagnosis, FOUND_SHARED_FILESYSTEM,
	    facts->source.through_wal ? SEVERITY_ERROR : SEVERITY_WARNING,
	    facts->source.path, "it is %s on %s",
	    facts->source.through_wal ? "in WAL mode" : "in rollback mode",
	    facts->shared_filesystem);
}

static bool
owner_can_write(const struct stat *main_file, const struct stat *side)
{
	if (main_file->st_uid == 0)
		return true;
	if (side->st_uid == main_file->st_uid)
		return (side->st_mode & S_IWUSR) != 0;
	if (side->st_gid == main_file->st_gid)
		return (side->st_mode & S_IWGRP) != 0;
	return (side->st_mode & S_IWOTH) != 0;
}

static void
judge_owners(const struct facts *facts, struct diagnosis *diagnosis)
{
	char names[60] = "", owner[SIDE_FILES_WHO], maker[SIDE_FILES_WHO];

	for (unsigned i = 1; i < FAMILY_FILES; i++) {
		if (!facts->there[i] ||
		    owner_can_write(&facts->st[0], &facts->st[i]))
			continue;
		if (names[0] != '\0')
			(void)strcat(names, ", ");
		(void)strcat(names, family_suffix[i]);
		side_files_user(facts->st[i].st_uid, maker);
	}
	if (names[0] == '\0')
		return;
	side_files_user(facts->st[0].st_uid, owner);
	(void)diagnosis_add(diagnosis, FOUND_SIDE_FILE_OWNER, SEVERITY_ERROR,
	    facts->source.path,
	    "its %s belongs to %s, and its owner, %s, cannot write there",
	    names, maker, owner);
}

static void
judge_trap(const struct facts *facts, struct diagnosis *diagnosis)
{
	char owner[SIDE_FILES_WHO];

	if (!facts->would_lock_out)
		return;
	side_files_user(facts->source.uid, owner);
	(void)diagnosis_add(diagnosis, FOUND_OWNERSHIP_TRAP, SEVERITY_WARNING,
	    facts->source.path,
	    "its -wal or -shm is missing, and would be made by this user when "
	    "it opens the database; %s could not write there",
	    owner);
}

static void
judge_folder(const struct facts *facts, struct diagnosis *diagnosis)
{
	if ((facts->folder_mode & S_IWOTH) == 0)
		return;
	(void)diagnosis_add(diagnosis, FOUND_FOLDER_OPEN, SEVERITY_WARNING,
	    facts->source.path,
	    "everybody may create files in its folder (mode %04o)",
	    (unsigned)facts->folder_mode);
}

void
judge_place(const struct facts *facts, struct diagnosis *diagnosis)
{
	judge_room(facts, diagnosis);
	judge_names(facts, diagnosis);
	judge_filesystem(facts, diagnosis);
	judge_owners(facts, diagnosis);
	judge_trap(facts, diagnosis);
	judge_folder(facts, diagnosis);
}
