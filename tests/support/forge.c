/*
 * Archives as an enemy makes them: a good one taken apart into its frames,
 * changed as told, and put together again.  Every size and sum that is not
 * the change itself is made right, so that nothing else gives it away.
 *
 * usage: forge GOOD OUT EDIT...
 *
 *   name TEXT | type C | link TEXT | size TEXT
 *                     fields in the tar header of the image; a size that does
 *                     not begin with a digit is a power of two: "^63"
 *   pax KEY VALUE     a pax header before it
 *   before TEXT | between TEXT | after TEXT
 *                     a foreign member of that name: before the image, before
 *                     the manifest, after it
 *   twice N | without N
 *                     member 1, 2 or 3 twice, or not at all
 *   manifest FILE     its text
 *   replace FROM TO   in its text, as it would have been
 *   bomb BYTES        the image's frame holds so many zeros
 *   liar BYTES        ... and says that it holds a thousand
 *   window LOG        the image's frame needs a window of 2^LOG bytes
 *   dictionary        the image's frame needs a dictionary
 *   bare              the image's frame has no checksum
 *   packed            the manifest's frame is compressed
 *   entry N BYTES     what the seek table says that frame N has stored
 *   frames N          how many frames the seek table says that there are
 *   table no          no seek table
 *
 * The archive's image must fit in one frame.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zstd.h>

#include "tests/support/forge/frame.h"
#include "tests/support/forge/tar.h"

enum { EDITS_MAX = 16 };
enum { IMAGE, SUMS, MANIFEST, MEMBERS };

static struct {
	struct bytes member[MEMBERS]; /* header, data and padding of each */
	const char *replace[EDITS_MAX][2];
	unsigned replaces;
	const char *manifest; /* file with its text */
	const char *foreign[MEMBERS + 1]; /* stands before that member */
	unsigned copies[MEMBERS];
	uint64_t bomb;
	bool liar, packed, no_table;
	struct frame_fault fault;
	struct table_lie lie;
} forge = { .copies = { 1, 1, 1 }, .lie = { .entry = -1, .frames = -1 } };

/* What is written. */
static struct frames frames;
static const struct frame_fault none;

/* --- taking apart -------------------------------------------------------- */

static void
take_apart(const char *path)
{
	struct bytes file = bytes_of_file(path);
	size_t at = 0;

	for (unsigned n = 0; n < MEMBERS; n++) {
		size_t stored =
		    ZSTD_findFrameCompressedSize(file.at + at, file.len - at);
		if (ZSTD_isError(stored))
			die("the good archive has too few frames");
		unsigned long long raw =
		    ZSTD_getFrameContentSize(file.at + at, stored);
		struct bytes *member = &forge.member[n];
		member->at = malloc(raw + 1);
		if (member->at == NULL)
			die("no memory");
		member->len =
		    ZSTD_decompress(member->at, raw, file.at + at, stored);
		if (ZSTD_isError(member->len))
			die("the good archive is not good");
		at += stored;
	}
	if (memcmp(forge.member[MANIFEST].at, "litesafe.json", 14) != 0)
		die("the good archive has more than one frame of pages");
	free(file.at);
}

static void
put_pax(const char *key, const char *value)
{
	struct bytes *image = &forge.member[IMAGE];
	struct bytes member = tar_pax(key, value);

	bytes_add(&member, image->at, image->len);
	free(image->at);
	*image = member;
}

/* --- putting together ---------------------------------------------------- */

/* A key's value in the manifest's text, up to the end of the line. */
static void
set_value(struct bytes *text, const char *key, const char *value)
{
	char from[200], to[200];
	const char *found = strstr((const char *)text->at, key);

	if (found == NULL)
		return;
	(void)snprintf(
	    from, sizeof(from), "%.*s", (int)strcspn(found, "\n"), found);
	(void)snprintf(to, sizeof(to), "%s\": %s,", key, value);
	bytes_replace(text, from, to);
}

static void
store_manifest(void)
{
	static const uint8_t end[2 * TAR_BLOCK];
	const struct bytes *good = &forge.member[MANIFEST];
	struct bytes text = { NULL, 0 };
	uint8_t digest[32];
	char value[80];

	if (forge.manifest != NULL)
		text = bytes_of_file(forge.manifest);
	else
		bytes_add(&text, good->at + TAR_BLOCK,
		    strlen((const char *)good->at + TAR_BLOCK));
	(void)EVP_Digest(
	    frames.out.at, frames.out.len, digest, NULL, EVP_sha256(), NULL);
	(void)snprintf(value, sizeof(value), "%zu", frames.out.len);
	set_value(&text, "stored_bytes", value);
	for (int i = 0; i < 32; i++)
		(void)snprintf(value + 1 + 2 * i, 3, "%02x", digest[i]);
	value[0] = value[65] = '"';
	value[66] = '\0';
	set_value(&text, "stored_sha256", value);
	for (unsigned i = 0; i < forge.replaces; i++)
		bytes_replace(&text, forge.replace[i][0], forge.replace[i][1]);

	struct bytes member =
	    tar_member("litesafe.json", '0', text.at, text.len);
	if (forge.foreign[MEMBERS] == NULL)
		bytes_add(&member, end, sizeof(end));
	if (forge.packed)
		frame_store(&frames, &member, &none);
	else
		frame_store_plain(&frames, &member);
	free(member.at);
	free(text.at);
}

static void
store_foreign(const char *name, bool last)
{
	static const uint8_t end[2 * TAR_BLOCK];

	if (name == NULL)
		return;
	struct bytes member = tar_member(name, '0', "foreign\n", 8);
	if (last) {
		bytes_add(&member, end, sizeof(end));
		frame_store_plain(&frames, &member);
	} else {
		frame_store(&frames, &member, &none);
	}
	free(member.at);
}

static void
put_together(const char *path)
{
	for (int n = IMAGE; n < MEMBERS; n++) {
		store_foreign(forge.foreign[n], false);
		for (unsigned i = 0; i < forge.copies[n]; i++) {
			if (n == MANIFEST)
				store_manifest();
			else if (n == IMAGE && forge.bomb > 0)
				frame_store_bomb(
				    &frames, forge.bomb, forge.liar);
			else
				frame_store(&frames, &forge.member[n],
				    n == IMAGE ? &forge.fault : &none);
		}
	}
	store_foreign(forge.foreign[MEMBERS], true);
	if (!forge.no_table)
		frame_store_table(&frames, &forge.lie);

	FILE *file = fopen(path, "wb");
	if (file == NULL ||
	    fwrite(frames.out.at, 1, frames.out.len, file) != frames.out.len ||
	    fclose(file) != 0)
		die(path);
}

/* --- edits --------------------------------------------------------------- */

static void
edit_member(const char *text, unsigned copies)
{
	int n = atoi(text) - 1;

	if (n < IMAGE || n > MANIFEST)
		die("which member?");
	forge.copies[n] = copies;
}

/* Without a value; false: it is none of these.  The same below. */
static bool
edit_alone(const char *what)
{
	forge.fault.dictionary =
	    forge.fault.dictionary || strcmp(what, "dictionary") == 0;
	forge.fault.bare = forge.fault.bare || strcmp(what, "bare") == 0;
	forge.packed = forge.packed || strcmp(what, "packed") == 0;
	return strcmp(what, "dictionary") == 0 || strcmp(what, "bare") == 0 ||
	       strcmp(what, "packed") == 0;
}

static bool
edit(const char *what, const char *value)
{
	uint8_t *header = forge.member[IMAGE].at;

	if (strcmp(what, "name") == 0)
		tar_set_field(header, 0, 100, value);
	else if (strcmp(what, "type") == 0)
		tar_set_field(header, 156, 1, value);
	else if (strcmp(what, "link") == 0)
		tar_set_field(header, 157, 100, value);
	else if (strcmp(what, "size") == 0)
		tar_set_size(header, value);
	else if (strcmp(what, "before") == 0)
		forge.foreign[IMAGE] = value;
	else if (strcmp(what, "between") == 0)
		forge.foreign[MANIFEST] = value;
	else if (strcmp(what, "after") == 0)
		forge.foreign[MEMBERS] = value;
	else if (strcmp(what, "twice") == 0)
		edit_member(value, 2);
	else if (strcmp(what, "without") == 0)
		edit_member(value, 0);
	else if (strcmp(what, "manifest") == 0)
		forge.manifest = value;
	else if (strcmp(what, "bomb") == 0 || strcmp(what, "liar") == 0)
		forge.bomb = strtoull(value, NULL, 10);
	else if (strcmp(what, "window") == 0)
		forge.fault.window = atoi(value);
	else if (strcmp(what, "frames") == 0)
		forge.lie.frames = atol(value);
	else if (strcmp(what, "table") == 0)
		forge.no_table = true;
	else
		return false;
	forge.liar = forge.liar || strcmp(what, "liar") == 0;
	return true;
}

static bool
edit_with_two(const char *what, const char *one, const char *two)
{
	if (strcmp(what, "pax") == 0) {
		put_pax(one, two);
	} else if (strcmp(what, "replace") == 0 && forge.replaces < EDITS_MAX) {
		forge.replace[forge.replaces][0] = one;
		forge.replace[forge.replaces++][1] = two;
	} else if (strcmp(what, "entry") == 0) {
		forge.lie.entry = atol(one);
		forge.lie.entry_bytes = atol(two);
	} else {
		return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: forge GOOD OUT EDIT...");
	take_apart(argv[1]);
	for (int i = 3; i < argc;) {
		if (edit_alone(argv[i])) {
			i++;
		} else if (i + 1 < argc && edit(argv[i], argv[i + 1])) {
			i += 2;
		} else if (i + 2 < argc &&
			   edit_with_two(argv[i], argv[i + 1], argv[i + 2])) {
			i += 3;
		} else {
			die(argv[i]);
		}
	}
	put_together(argv[2]);
	return 0;
}
