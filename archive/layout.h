/*
 * The numbers and names of the archive format, version 1.
 *
 * A full archive is a POSIX pax tar stream of these members, in this order:
 *
 *     NAME                    the database image
 *     .litesafe/NAME.sums     16 bytes for every page, in page order
 *     litesafe.json           the manifest
 *
 * and two blocks of zeros.  (When NAME is not ASCII, all headers are in GNU's
 * tar format instead: there names are bytes, which no reader translates.)  An
 * increment has these:
 *
 *     NAME.pages              its pages, in a sparse file (GNU's PAX 1.0) that
 *                             is as large as the image; RUNS_MAX runs at most
 *     NAME.pages.2 ...        further runs, when there are more
 *     .litesafe/NAME.sums     20 bytes for every page stored, in page order
 *     litesafe.json           the manifest
 *
 * (A byte of NAME that is not ASCII is '_' there; and a file without holes is
 * an ordinary one.)  The stream is cut into zstd frames, each with its content
 * size and a checksum, compressed independently, all but the last:
 *
 *   - frame 0 begins with the tar header(s) of NAME and continues with as many
 *     whole pages as fit in FRAME_IMAGE_BYTES; every further image frame holds
 *     only whole pages: a page is never split between frames;
 *   - in an increment the tar headers of each .pages member, with its map, are
 *     a frame by themselves; its pages are cut as those of an image;
 *   - .litesafe/NAME.sums begins on a frame boundary (with its tar header) and
 *     is cut every FRAME_IMAGE_BYTES, or behind the last entry of 20 bytes that
 *     fits in them; its padding is in its last frame;
 *   - litesafe.json begins on a frame boundary; its frame is the last one and
 *     also holds the end of the tar stream.  The manifest's sum of the stored
 *     bytes cannot cover it, so it is stored raw, in the one form that
 *     plain_frame.h allows: there no bit is without a meaning.
 *
 * After the last frame comes the seek table of zstd's seekable format
 * (contrib/seekable_format/zstd_seekable_compression_format.md, without
 * checksums), in a skippable frame, and nothing after it.
 * litesafe-format(5) is the same in full.
 */
#ifndef ARCHIVE_LAYOUT_H
#define ARCHIVE_LAYOUT_H

#define ARCHIVE_FORMAT 1

#define MANIFEST_MEMBER "litesafe.json"
#define SUMS_PREFIX ".litesafe/"
#define SUMS_SUFFIX ".sums"
#define PAGES_SUFFIX ".pages"

/* A database's name in the archive: bytes, without the NUL. */
#define MEMBER_NAME_MAX 200

/* The longest path of a member, and a NUL. */
#define MEMBER_PATH_BYTES (sizeof(SUMS_PREFIX SUMS_SUFFIX) + MEMBER_NAME_MAX)

enum {
	/* Image bytes in one frame: a whole number of pages of any size. */
	FRAME_IMAGE_BYTES = 1 << 21,
	/* The most that any frame may hold: decoders refuse more. */
	FRAME_RAW_MAX = FRAME_IMAGE_BYTES + (1 << 16),
	/* The manifest, as JSON text: so its frame keeps FRAME_RAW_MAX, too. */
	MANIFEST_MAX = 1 << 19,
	/* Runs of pages in one member of an increment. */
	RUNS_MAX = 65536,
	/* Largest zstd window a decoder accepts: 2^22 bytes. */
	WINDOW_LOG_MAX = 22,

	/* pax(1): headers take whole blocks, data is padded to them. */
	TAR_BLOCK = 512,

	PAGE_SIZE_MIN = 512,
	PAGE_SIZE_MAX = 65536,
};

/* SQLite's limit (sqlite.org/limits.html): pages in one database. */
#define PAGE_COUNT_MAX 4294967294u

#endif
