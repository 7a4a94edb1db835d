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

enum { BLOCK = 512, BLOCK_MAX = 1 << 17, EDITS_MAX = 16 };
enum { IMAGE, SUMS, MANIFEST, MEMBERS };

struct bytes {
	uint8_t *at;
	size_t len;
};

static struct {
	struct bytes member[MEMBERS]; /* header, data and padding of each */
	const char *replace[EDITS_MAX][2];
	unsigned replaces;
	const char *manifest; /* file with its text */
	const char *foreign[MEMBERS + 1]; /* stands before that member */
	unsigned copies[MEMBERS];
	uint64_t bomb;
	bool liar, dictionary, bare, packed, no_table;
	int window;
	long entry, entry_bytes, frames; /* -1: true */
} forge = { .copies = { 1, 1, 1 }, .entry = -1, .frames = -1 };

/* What is written. */
static struct bytes out, table;

static void __attribute__((noreturn)) die(const char *what)
{
	(void)fprintf(stderr, "forge: %s\n", what);
	exit(2);
}

static void
add(struct bytes *bytes, const void *from, size_t len)
{
	bytes->at = realloc(bytes->at, bytes->len + len + 1);
	if (bytes->at == NULL)
		die("no memory");
	if (len > 0)
		memcpy(bytes->at + bytes->len, from, len);
	bytes->len += len;
	bytes->at[bytes->len] = '\0';
}

static void
add_le32(struct bytes *bytes, uint32_t n)
{
	const uint8_t le[] = { (uint8_t)n, (uint8_t)(n >> 8),
		(uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	add(bytes, le, sizeof(le));
}

static struct bytes
read_file(const char *path)
{
	struct bytes bytes = { NULL, 0 };
	char piece[4096];
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		die(path);
	add(&bytes, "", 0);
	for (size_t n; (n = fread(piece, 1, sizeof(piece), file)) > 0;)
		add(&bytes, piece, n);
	(void)fclose(file);
	return bytes;
}

/* --- taking apart -------------------------------------------------------- */

static void
take_apart(const char *path)
{
	struct bytes file = read_file(path);
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

/* --- tar ----------------------------------------------------------------- */

static void
set_sum(uint8_t *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += header[i];
	(void)snprintf((char *)header + 148, 8, "%06o", sum);
}

static void
set_field(uint8_t *header, size_t at, size_t size, const char *text)
{
	memset(header + at, 0, size);
	memcpy(header + at, text, strlen(text) < size ? strlen(text) : size);
	set_sum(header);
}

static void
set_size(uint8_t *header, const char *text)
{
	if (text[0] != '^') {
		set_field(header, 124, 12, text);
		return;
	}
	/* GNU's binary form: a set first bit, then a big-endian number. */
	int power = atoi(text + 1);
	memset(header + 124, 0, 12);
	header[124] = 0x80;
	header[135 - power / 8] |= (uint8_t)(1u << power % 8);
	set_sum(header);
}

/* A member of its own. */
static struct bytes
make_member(const char *name, char type, const void *data, size_t len)
{
	static const uint8_t zeros[BLOCK];
	uint8_t header[BLOCK] = { 0 };
	struct bytes member = { NULL, 0 };
	char size[13];

	(void)snprintf((char *)header, 100, "%s", name);
	memcpy(header + 100, "0000644", 8);
	memcpy(header + 108, "0000000", 8);
	memcpy(header + 116, "0000000", 8);
	memcpy(header + 136, "15000000000", 12);
	header[156] = (uint8_t)type;
	memcpy(header + 257, "ustar\00000", 8);
	(void)snprintf(size, sizeof(size), "%011zo", len);
	set_field(header, 124, 12, size);
	add(&member, header, sizeof(header));
	add(&member, data, len);
	add(&member, zeros, (BLOCK - len % BLOCK) % BLOCK);
	return member;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself (POSIX pax). */
static void
put_pax(const char *key, const char *value)
{
	struct bytes *image = &forge.member[IMAGE];
	char record[1000], rest[990];
	int len = snprintf(rest, sizeof(rest), " %s=%s\n", key, value);
	int total = len + 1;

	while (snprintf(record, sizeof(record), "%d%s", total, rest) != total)
		total++;
	struct bytes member = make_member("pax", 'x', record, (size_t)total);
	add(&member, image->at, image->len);
	free(image->at);
	*image = member;
}

/* --- putting together ---------------------------------------------------- */

static void
store(const uint8_t *stored, size_t len, size_t raw)
{
	add(&out, stored, len);
	add_le32(&table, (uint32_t)len);
	add_le32(&table, (uint32_t)raw);
}

static void
store_frame(const struct bytes *raw, bool is_image)
{
	size_t most = ZSTD_compressBound(raw->len) + 64;
	uint8_t *stored = malloc(most);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (stored == NULL || zstd == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(
	    zstd, ZSTD_c_checksumFlag, !(is_image && forge.bare));
	size_t len = ZSTD_compress2(zstd, stored, most, raw->at, raw->len);
	if (ZSTD_isError(len))
		die(ZSTD_getErrorName(len));
	/* RFC 8878, 3.1.1.1: the descriptor says which fields follow. */
	if (is_image && forge.window > 0) {
		stored[4] &= (uint8_t)~0x20; /* no single segment ... */
		memmove(stored + 6, stored + 5, len - 5);
		stored[5] = (uint8_t)((forge.window - 10) << 3);
		len++;
	}
	if (is_image && forge.dictionary) {
		stored[4] |= 1; /* one byte of a dictionary's number */
		memmove(stored + 6, stored + 5, len - 5);
		stored[5] = 77;
		len++;
	}
	store(stored, len, raw->len);
	(void)ZSTD_freeCCtx(zstd);
	free(stored);
}

/*
 * A frame of raw blocks, as the last one must be (RFC 8878, 3.1.1).  The
 * checksum is that of any other frame of the same content.
 */
static void
store_plain(const struct bytes *raw)
{
	size_t most = ZSTD_compressBound(raw->len);
	struct bytes frame = { NULL, 0 };
	uint8_t *other = malloc(most);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (other == NULL || zstd == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	size_t len = ZSTD_compress2(zstd, other, most, raw->at, raw->len);
	if (ZSTD_isError(len))
		die(ZSTD_getErrorName(len));
	add(&frame, "\x28\xb5\x2f\xfd\xa4", 5);
	add_le32(&frame, (uint32_t)raw->len);
	for (size_t at = 0, size; at < raw->len; at += size) {
		size_t left = raw->len - at;

		size = left < BLOCK_MAX ? left : BLOCK_MAX;
		add_le32(&frame, (uint32_t)(size << 3 | (size == left)));
		frame.len--; /* three bytes of it */
		add(&frame, raw->at + at, size);
	}
	add(&frame, other + len - 4, 4);
	store(frame.at, frame.len, raw->len);
	(void)ZSTD_freeCCtx(zstd);
	free(frame.at);
	free(other);
}

/* One frame of zeros, made without having them all at once. */
static void
store_bomb(void)
{
	static const uint8_t zeros[1 << 20];
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t most = ZSTD_CStreamOutSize(), before = out.len, left;
	uint8_t *piece = malloc(most);

	if (zstd == NULL || piece == NULL)
		die("no memory");
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, 20);
	(void)ZSTD_CCtx_setPledgedSrcSize(zstd, forge.bomb);
	uint64_t rest = forge.bomb;
	do {
		size_t len = rest < sizeof(zeros) ? rest : sizeof(zeros);
		ZSTD_inBuffer in = { zeros, len, 0 };

		rest -= len;
		do {
			ZSTD_outBuffer to = { piece, most, 0 };
			left = ZSTD_compressStream2(zstd, &to, &in,
			    rest == 0 ? ZSTD_e_end : ZSTD_e_continue);
			if (ZSTD_isError(left))
				die(ZSTD_getErrorName(left));
			add(&out, piece, to.pos);
		} while (in.pos < in.size || (rest == 0 && left > 0));
	} while (rest > 0);

	uint32_t raw = (uint32_t)forge.bomb;
	if (forge.liar) {
		/* The content size: 4 or 8 bytes behind the window's. */
		raw = 1000;
		memset(out.at + before + 6, 0, 4u << (forge.bomb >> 32 != 0));
		out.at[before + 6] = (uint8_t)raw;
		out.at[before + 7] = (uint8_t)(raw >> 8);
	}
	add_le32(&table, (uint32_t)(out.len - before));
	add_le32(&table, raw);
	(void)ZSTD_freeCCtx(zstd);
	free(piece);
}

/* The first `from` in `text` becomes `to`. */
static void
replace(struct bytes *text, const char *from, const char *to)
{
	struct bytes result = { NULL, 0 };
	const char *start = (const char *)text->at;
	const char *found = strstr(start, from);

	if (found == NULL)
		die("the manifest does not say that");
	add(&result, start, (size_t)(found - start));
	add(&result, to, strlen(to));
	found += strlen(from);
	add(&result, found, text->len - (size_t)(found - start));
	free(text->at);
	*text = result;
}

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
	replace(text, from, to);
}

static void
store_manifest(void)
{
	static const uint8_t end[2 * BLOCK];
	const struct bytes *good = &forge.member[MANIFEST];
	struct bytes text = { NULL, 0 };
	uint8_t digest[32];
	char value[80];

	if (forge.manifest != NULL)
		text = read_file(forge.manifest);
	else
		add(&text, good->at + BLOCK,
		    strlen((const char *)good->at + BLOCK));
	(void)EVP_Digest(out.at, out.len, digest, NULL, EVP_sha256(), NULL);
	(void)snprintf(value, sizeof(value), "%zu", out.len);
	set_value(&text, "stored_bytes", value);
	for (int i = 0; i < 32; i++)
		(void)snprintf(value + 1 + 2 * i, 3, "%02x", digest[i]);
	value[0] = value[65] = '"';
	value[66] = '\0';
	set_value(&text, "stored_sha256", value);
	for (unsigned i = 0; i < forge.replaces; i++)
		replace(&text, forge.replace[i][0], forge.replace[i][1]);

	struct bytes member =
	    make_member("litesafe.json", '0', text.at, text.len);
	if (forge.foreign[MEMBERS] == NULL)
		add(&member, end, sizeof(end));
	if (forge.packed)
		store_frame(&member, false);
	else
		store_plain(&member);
	free(member.at);
	free(text.at);
}

static void
store_foreign(const char *name, bool last)
{
	static const uint8_t end[2 * BLOCK];

	if (name == NULL)
		return;
	struct bytes member = make_member(name, '0', "foreign\n", 8);
	if (last) {
		add(&member, end, sizeof(end));
		store_plain(&member);
	} else {
		store_frame(&member, false);
	}
	free(member.at);
}

static void
store_table(void)
{
	uint32_t count = (uint32_t)table.len / 8;

	if (forge.no_table)
		return;
	if (forge.entry >= 0 && (size_t)forge.entry < count)
		for (int i = 0; i < 4; i++)
			table.at[8 * forge.entry + i] =
			    (uint8_t)(forge.entry_bytes >> 8 * i);
	add_le32(&out, 0x184d2a5e);
	add_le32(&out, (uint32_t)table.len + 9);
	add(&out, table.at, table.len);
	add_le32(&out, forge.frames >= 0 ? (uint32_t)forge.frames : count);
	add(&out, "", 1);
	add_le32(&out, 0x8f92eab1);
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
				store_bomb();
			else
				store_frame(&forge.member[n], n == IMAGE);
		}
	}
	store_foreign(forge.foreign[MEMBERS], true);
	store_table();

	FILE *file = fopen(path, "wb");
	if (file == NULL || fwrite(out.at, 1, out.len, file) != out.len ||
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
	forge.dictionary = forge.dictionary || strcmp(what, "dictionary") == 0;
	forge.bare = forge.bare || strcmp(what, "bare") == 0;
	forge.packed = forge.packed || strcmp(what, "packed") == 0;
	return strcmp(what, "dictionary") == 0 || strcmp(what, "bare") == 0 ||
	       strcmp(what, "packed") == 0;
}

static bool
edit(const char *what, const char *value)
{
	uint8_t *header = forge.member[IMAGE].at;

	if (strcmp(what, "name") == 0)
		set_field(header, 0, 100, value);
	else if (strcmp(what, "type") == 0)
		set_field(header, 156, 1, value);
	else if (strcmp(what, "link") == 0)
		set_field(header, 157, 100, value);
	else if (strcmp(what, "size") == 0)
		set_size(header, value);
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
		forge.window = atoi(value);
	else if (strcmp(what, "frames") == 0)
		forge.frames = atol(value);
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
		forge.entry = atol(one);
		forge.entry_bytes = atol(two);
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
