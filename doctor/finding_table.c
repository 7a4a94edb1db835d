/*
 * Advice is what an operator can do or type.  What is dangerous to try is said
 * there, too: most harm to databases comes from well-meant removal of files.
 */
#include "doctor/finding_table.h"

const struct finding_row finding_table[FINDING_IDS] = {
	[FOUND_STATE] = { "state",
	    "the journal mode, the size of the database, and how far its WAL "
	    "is written and taken into the main file",
	    "" },
	[FOUND_IN_USE] = { "in-use",
	    "processes that have the database open, as far as this one may "
	    "see them",
	    "" },
	[FOUND_SQLITE_VERSION] = { "sqlite-version",
	    "the SQLite that litesafe uses, and the one that wrote to the "
	    "database last",
	    "" },
	[FOUND_WRITE_LOCK] = { "write-lock",
	    "a process holds the write lock: nobody else can write until its "
	    "transaction ends; a warning when it was one transaction all the "
	    "time that was looked",
	    "if it stays, find out what the process is doing: a transaction "
	    "that waits for something else (a network answer, a user) must "
	    "not be open meanwhile; ending the process rolls it back" },
	[FOUND_CHECKPOINT_STARVED] = { "checkpoint-starved",
	    "a process reads an old state of the database, and so keeps newer "
	    "frames of the WAL from being checkpointed: the WAL grows as long "
	    "as it reads; a warning when it was so all the time that was "
	    "looked",
	    "have the process end its read transaction: a statement that was "
	    "not stepped to its end or not reset, a BEGIN without COMMIT, a "
	    "cursor left open; ending the process helps too. Then the next "
	    "checkpoint catches up" },
	[FOUND_READING] = { "reading",
	    "processes that read at the moment and hold no checkpoint up; in "
	    "rollback mode a writer cannot commit meanwhile, which is a "
	    "warning when one waits",
	    "readers should be short; where they cannot be, PRAGMA "
	    "journal_mode=WAL lets an application write while others read" },
	[FOUND_CHECKPOINT_RUNNING] = { "checkpoint-running",
	    "a process is taking the WAL into the main file", "" },
	[FOUND_EXCLUSIVE_LOCK] = { "exclusive-lock",
	    "a process keeps everybody else out of the database, also from "
	    "reading: PRAGMA locking_mode=EXCLUSIVE, or in rollback mode a "
	    "commit or BEGIN EXCLUSIVE; a warning when it stays",
	    "a backup is possible when the process lets go: have the "
	    "application use PRAGMA locking_mode=NORMAL, or back up while it "
	    "does not run" },
	[FOUND_UNSEEN_PROCESS] = { "unseen-process",
	    "a lock is held by a process that this one cannot see, in another "
	    "container or pid namespace, or by a kind of lock that belongs to "
	    "no process",
	    "on the host, outside of any container, its name is told by: "
	    "litesafe doctor DATABASE" },
	[FOUND_LOCKS_UNKNOWN] = { "locks-unknown",
	    "it could not be found out who holds locks, or how far the WAL is "
	    "checkpointed",
	    "run this as root or as the owner of the database, and see "
	    "whether /proc is mounted" },
	[FOUND_TORN_COPY] = { "torn-copy",
	    "the database is not whole: something that belongs to it is "
	    "missing, as in a copy of the main file alone, made while the "
	    "application was writing",
	    "do not use it as a backup. Look for the DATABASE-wal that was "
	    "beside the original at the same instant; else take the last "
	    "backup. Copy live databases with 'litesafe backup' only" },
	[FOUND_DAMAGED] = { "damaged",
	    "SQLite's check, which --check asks for, finds faults in the main "
	    "file: it is damaged, or a copy of pages of several moments",
	    "if this is a copy, it is none: make one with 'litesafe backup'. "
	    "If it is the application's database, keep it, and restore its "
	    "last good state: 'litesafe restore --help'" },
	[FOUND_CHECKED] = { "checked",
	    "what came of the check that --check asks for, when it found no "
	    "fault or could not be made",
	    "a database in use is checked by: litesafe backup DATABASE "
	    "--verify restore" },
	[FOUND_WAL_ABSENT] = { "wal-absent",
	    "a database in WAL mode without a -wal, which nobody has open: "
	    "its application ended in good order, or it is a copy without its "
	    "-wal, that lacks the newest commits; nothing in the file tells",
	    "if this is a copy, made with cp or by a snapshot of the file "
	    "alone, do not trust it, and make one with 'litesafe backup': "
	    "nothing finds commits that are missing, but pages that do not "
	    "belong together are found by: litesafe doctor --check=quick "
	    "DATABASE" },
	[FOUND_WAL_DELETED] = { "wal-deleted",
	    "an application uses a WAL that has no name any more: somebody "
	    "deleted the -wal of a running database",
	    "do not stop the application yet: what it commits is only in the "
	    "nameless file. Copy that first: find it with 'ls -l /proc/PID/fd "
	    "| grep deleted' and save it with 'cp /proc/PID/fd/N', together "
	    "with DATABASE" },
	[FOUND_FILE_REPLACED] = { "file-replaced",
	    "the database was replaced while a process had it open: what that "
	    "process commits goes into a file without a name, and the side "
	    "files that it finds are those of the new one",
	    "stop the process before anything else writes. If its commits are "
	    "wanted, first save the old file with 'cp /proc/PID/fd/N' (see 'ls "
	    "-l /proc/PID/fd | grep deleted'). Restore with 'litesafe restore "
	    "--replace', which refuses while a database is in use" },
	[FOUND_STALE_WAL] = { "stale-wal",
	    "the -wal does not belong to the main file beside it: one of the "
	    "two was replaced, and SQLite would apply it all the same",
	    "do not open the database: that would mix the two. If DATABASE is "
	    "the right one, move DATABASE-wal and DATABASE-shm away together; "
	    "keep them until it is clear what is in them" },
	[FOUND_WAL_IGNORED] = { "wal-ignored",
	    "the -wal does not begin as one does, so SQLite ignores what is "
	    "in it, and will write over it",
	    "keep a copy of DATABASE-wal before anything opens the database; "
	    "if commits are missing, restore the last backup" },
	[FOUND_DEAD_WAL] = { "dead-wal",
	    "the application ended without closing the database: commits are "
	    "in its -wal alone",
	    "nothing is lost as long as the files stay together: never remove "
	    "or leave behind DATABASE-wal. The next start of the application "
	    "takes it in" },
	[FOUND_WAL_UNREADABLE] = { "wal-unreadable",
	    "the -wal could not be read, and commits may be in it",
	    "run this as the owner of the database or as root" },
	[FOUND_HOT_JOURNAL] = { "hot-journal",
	    "a transaction was cut off in its middle: the main file is "
	    "half-changed, and its -journal is needed to undo that",
	    "never remove DATABASE-journal. Start the application, or as the "
	    "owner run: sqlite3 DATABASE 'PRAGMA schema_version'" },
	[FOUND_JOURNAL_UNREADABLE] = { "journal-unreadable",
	    "the -journal could not be read, so nobody knows whether a "
	    "transaction must be undone first",
	    "run this as the owner of the database or as root" },
	[FOUND_JOURNAL_LEFT] = { "journal-left",
	    "a -journal of no consequence: the application uses PRAGMA "
	    "journal_mode=PERSIST or TRUNCATE, or did before it changed to "
	    "WAL",
	    "" },
	[FOUND_JOURNAL_ABSENT] = { "journal-absent",
	    "a process has a database in rollback mode to itself, and there is "
	    "no -journal: PRAGMA journal_mode=MEMORY or OFF, with which a crash "
	    "in the middle of a write destroys the database, or nothing was "
	    "written yet",
	    "ask the application's authors for its journal_mode; WAL, DELETE, "
	    "TRUNCATE and PERSIST survive a crash" },
	[FOUND_WAL_LARGE] = { "wal-large",
	    "the -wal is far larger than the database; it keeps the size "
	    "that it once had until it is truncated, and a long WAL makes "
	    "reading slow",
	    "in a quiet moment: sqlite3 DATABASE 'PRAGMA "
	    "wal_checkpoint(TRUNCATE)'. So that it stays small, have the "
	    "application set PRAGMA journal_size_limit" },
	[FOUND_WAL_BEHIND] = { "wal-behind",
	    "many frames are not checkpointed although no reader is in the "
	    "way",
	    "see whether the application switched automatic checkpoints off "
	    "(PRAGMA wal_autocheckpoint=0) or raised their threshold, and "
	    "never checkpoints by itself" },
	[FOUND_SPACE_LOW] = { "space-low",
	    "little room is left on the filesystem of the database: the next "
	    "growth of its WAL may fail",
	    "make room: a checkpoint needs some before it gives some back; "
	    "what there is is shown by: df -h DATABASE" },
	[FOUND_HARD_LINK] = { "hard-link",
	    "the file has several names: under each, SQLite looks for another "
	    "-wal, and so reads wrong data",
	    "keep only the one that the application uses; all are found by: "
	    "find FOLDER -xdev -samefile DATABASE" },
	[FOUND_RESTORE_TWIN] = { "restore-twin",
	    "a restore that was interrupted left a second name of the "
	    "database",
	    "remove the second name; the database stays under its own" },
	[FOUND_SHARED_FILESYSTEM] = { "shared-filesystem",
	    "the database is on a filesystem of the network or of a virtual "
	    "machine's host: an error in WAL mode, which needs memory shared "
	    "by all its users; else its locks are only as good as that "
	    "filesystem's",
	    "keep the database on a disk of the machine on which the "
	    "application runs (sqlite.org/wal.html, "
	    "sqlite.org/howtocorrupt.html 2.1)" },
	[FOUND_SIDE_FILE_OWNER] = { "side-file-owner",
	    "a -wal, -shm or -journal that the owner of the database cannot "
	    "write: another user's program made it, and the application gets "
	    "'attempt to write a readonly database'",
	    "stop every user of the database, then give the file to its "
	    "owner: chown --reference=DATABASE DATABASE-wal DATABASE-shm; and "
	    "have the other program run as the owner" },
	[FOUND_OWNERSHIP_TRAP] = { "ownership-trap",
	    "the -wal or -shm is missing, and this user, who is not the "
	    "owner, would make one that the application cannot write",
	    "do not open the database with sqlite3 or anything else as this "
	    "user; use the owner's: sudo -u OWNER" },
	[FOUND_FOLDER_OPEN] = { "folder-open",
	    "everybody may create files in the database's folder, so also a "
	    "-journal that SQLite would apply to it, or a -wal that locks the "
	    "application out",
	    "take that right away: chmod o-w on the folder" },
	[FOUND_WAL_RESET_BUG] = { "wal-reset-bug",
	    "the application's SQLite has the WAL-reset bug (3.7.0 to 3.51.2 "
	    "but for 3.44.6 and 3.50.7 and later of these lines): two "
	    "checkpoints at the same time can lose commits; a warning when "
	    "several processes have the database open",
	    "have the application use SQLite 3.51.3 or later, and until then "
	    "let no other program checkpoint its database "
	    "(sqlite.org/wal.html)" },
};
