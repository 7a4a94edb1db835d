#include "tests/unit/archive/crafted.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <zstd.h>

#include "archive/name.h"
#include "base/bytes.h"

void
bytes_add(struct bytes *bytes, const void *from, size_t len)
{
	if (bytes->len + len > bytes->room) {
		bytes->room = 2 * (bytes->len + len);
		bytes->at = realloc(bytes->at, bytes->room);
		cr_assert_not_null(bytes->at);
	}
	if (len > 0)
		memcpy(bytes->at + bytes->len, from, len);
	bytes->len += len;
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ 0 };
}

void
craft_add(struct crafted *crafted, const void *bytes, size_t len)
{
	bytes_add(&crafted->raw, bytes, len);
	crafted->raw_offset += len;
}

void
craft_pad(struct crafted *crafted)
{
	static const uint8_t zeros[512];

	craft_add(crafted, zeros, (size_t)((0 - crafted->raw_offset) % 512));
}

/* A ustar header (POSIX.1-1988): fields of text at fixed places. */
void
craft_header(struct crafted *crafted, const char *path, const char *size,
    char type, const char *link)
{
	char header[512] = { 0 };
	unsigned sum = 0;

	cr_assert_leq(strlen(path), 100);
	memcpy(header, path, strlen(path));
	memcpy(header + 100, "0000644", 8);
	memcpy(header + 108, "0000000", 8);
	memcpy(header + 116, "0000000", 8);
	memcpy(header + 124, size, 12);
	memcpy(header + 136, "15000000000", 12);
	memset(header + 148, ' ', 8);
	header[156] = type;
	if (link != NULL)
		memcpy(header + 157, link, strlen(link));
	memcpy(header + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(header); i++)
		sum += (uint8_t)header[i];
	(void)snprintf(header + 148, 8, "%06o", sum);
	craft_add(crafted, header, sizeof(header));
}

static struct bytes
squeeze(const struct bytes *raw)
{
	struct bytes stored = { .room = ZSTD_compressBound(raw->len) };
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	stored.at = malloc(stored.room);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	stored.len =
	    ZSTD_compress2(zstd, stored.at, stored.room, raw->at, raw->len);
	cr_assert_not(ZSTD_isError(stored.len));
	ZSTD_freeCCtx(zstd);
	return stored;
}

/* Raw blocks (RFC 8878, 3.1.1.2), and the checksum of what zstd made. */
static struct bytes
store_raw(const struct bytes *raw)
{
	struct bytes stored = { 0 }, squeezed = squeeze(raw);
	uint8_t number[4];

	bytes_add(&stored, "\x28\xb5\x2f\xfd\xa4", 5);
	put_le32(number, (uint32_t)raw->len);
	bytes_add(&stored, number, 4);
	for (size_t at = 0, size; at < raw->len; at += size) {
		size = raw->len - at < 131072 ? raw->len - at : 131072;
		put_le32(number,
		    (uint32_t)(8 * size + (at + size == raw->len ? 1 : 0)));
		bytes_add(&stored, number, 3);
		bytes_add(&stored, raw->at + at, size);
	}
	bytes_add(&stored, squeezed.at + squeezed.len - 4, 4);
	bytes_free(&squeezed);
	return stored;
}

/* The open frame becomes one of the file, stored as `store` makes it. */
static void
cut(struct crafted *crafted, struct bytes (*store)(const struct bytes *raw))
{
	uint8_t entry[8];

	if (crafted->raw.len == 0)
		return;
	struct bytes stored = store(&crafted->raw);
	bytes_add(&crafted->file, stored.at, stored.len);
	put_le32(entry, (uint32_t)stored.len);
	put_le32(entry + 4, (uint32_t)crafted->raw.len);
	bytes_add(&crafted->table, entry, sizeof(entry));
	crafted->raw.len = 0;
	bytes_free(&stored);
}

void
craft_cut(struct crafted *crafted)
{
	cut(crafted, squeeze);
}

void
craft_cut_plain(struct crafted *crafted)
{
	cut(crafted, store_raw);
}

void
craft_table(struct crafted *crafted)
{
	uint8_t ends[9];

	put_le32(ends, 0x184d2a5e);
	put_le32(ends + 4, (uint32_t)crafted->table.len + 9);
	bytes_add(&crafted->file, ends, 8);
	bytes_add(&crafted->file, crafted->table.at, crafted->table.len);
	put_le32(ends, (uint32_t)crafted->table.len / 8);
	ends[4] = 0;
	put_le32(ends + 5, 0x8f92eab1);
	bytes_add(&crafted->file, ends, 9);
}

void
craft_free(struct crafted *crafted)
{
	bytes_free(&crafted->raw);
	bytes_free(&crafted->file);
	bytes_free(&crafted->table);
}

uint8_t
craft_page_byte(uint32_t page_size, uint32_t n, uint32_t i)
{
	if (n == 1 && i == 16)
		return (uint8_t)(page_size == 65536 ? 0 : page_size >> 8);
	if (n == 1 && i == 17)
		return (uint8_t)(page_size == 65536 ? 1 : page_size);
	/* Neither repetitive nor random: pages compress to about a half. */
	uint32_t x = (n * 2654435761u) ^ (i / 2 * 40503u);
	return (uint8_t)(i % 2 == 0 ? n : x >> 13);
}

static void
octal_size(uint64_t size, char ret_text[12])
{
	for (int i = 10; i >= 0; i--, size /= 8)
		ret_text[i] = (char)('0' + size % 8);
	ret_text[11] = '\0';
}

static void
fill_manifest(struct manifest *m, const struct craft *craft)
{
	struct manifest_database *db = &m->database;

	(void)strcpy(m->id, "0123456789abcdef");
	(void)strcpy(m->set, "app.db");
	(void)strcpy(m->kind, "full");
	m->pin_start_ms = m->pin_end_ms = m->finished_ms = 1700000000000;
	m->pin_seconds = 0.25;
	(void)strcpy(m->host, "somewhere");
	(void)strcpy(m->tool, "litesafe 0.1.0");
	(void)strcpy(m->sqlite, "3.40.1");
	(void)strcpy(db->name, craft->name);
	(void)strcpy(db->path, "/srv/app.db");
	db->page_size = craft->page_size;
	db->page_count = craft->page_count;
	db->pages_stored = craft->page_count;
	(void)strcpy(db->encoding, "UTF-8");
	(void)strcpy(db->journal_mode, "wal");
	db->mode = 0644;
}

/* An extended header with one record: "LENGTH path=NAME\n". */
static void
add_pax_name(struct crafted *crafted, const char *name)
{
	char record[200], size[12];
	/* Two digits of length are enough for the names here. */
	int len = (int)strlen("00 path=\n") + (int)strlen(name);

	cr_assert(len >= 10 && len < 100);
	(void)snprintf(record, sizeof(record), "%d path=%s\n", len, name);
	octal_size((uint64_t)len, size);
	craft_header(crafted, "././@PaxHeader", size, 'x', NULL);
	craft_add(crafted, record, (size_t)len);
	craft_pad(crafted);
}

static void
add_image(
    struct crafted *crafted, const struct craft *craft, struct manifest *m)
{
	uint8_t *page = malloc(craft->page_size);
	struct sha256 *sha256 = NULL;
	struct err err;
	char size[12];

	octal_size((uint64_t)craft->page_size * craft->page_count, size);
	if (craft->pax)
		add_pax_name(crafted, craft->name);
	craft_header(crafted, craft->pax ? "something else" : craft->name,
	    craft->image_size != NULL ? craft->image_size : size,
	    craft->image_type, craft->link);
	m->database.pages_offset = crafted->raw_offset;
	cr_assert_eq(sha256_new(&sha256, &err), 0);
	for (uint32_t n = 1; n <= craft->page_count; n++) {
		for (uint32_t i = 0; i < craft->page_size; i++)
			page[i] = craft_page_byte(craft->page_size, n, i);
		sha256_add(sha256, page, craft->page_size);
		size_t first = n == 1 ? craft->page_cut : 0;
		craft_add(crafted, page, first);
		if (first > 0)
			craft_cut(crafted);
		craft_add(crafted, page + first, craft->page_size - first);
		if (n % craft->pages_per_frame == 0)
			craft_cut(crafted);
	}
	m->database.has_image_sha256 = craft->image_sha256;
	sha256_finish(sha256, m->database.image_sha256);
	sha256_free(sha256);
	free(page);
	craft_pad(crafted);
	if (!craft->no_cut_before_sums)
		craft_cut(crafted);
}

static uint8_t *
make_sums(const struct craft *craft, struct manifest *m)
{
	uint8_t *sums = calloc(craft->page_count + 2, PAGE_SUM_BYTES);
	uint8_t *page = malloc(craft->page_size);
	struct sha256 *sha256 = NULL;
	struct err err;

	cr_assert_eq(sha256_new(&sha256, &err), 0);
	for (uint32_t n = 1; n <= craft->page_count; n++) {
		for (uint32_t i = 0; i < craft->page_size; i++)
			page[i] = craft_page_byte(craft->page_size, n, i);
		sha256_pages(sha256, page, craft->page_size, 1,
		    sums + (n - 1) * PAGE_SUM_BYTES);
	}
	if (craft->bad_sum > 0)
		sums[(craft->bad_sum - 1) * PAGE_SUM_BYTES + 15] ^= 1;
	manifest_root_begin(sha256, craft->page_size, craft->page_count);
	sha256_add(sha256, sums, (size_t)craft->page_count * PAGE_SUM_BYTES);
	sha256_finish(sha256, m->database.root);
	sha256_free(sha256);
	free(page);
	return sums;
}

static void
add_sums(struct crafted *crafted, const struct craft *craft, struct manifest *m)
{
	uint8_t *sums = make_sums(craft, m);
	size_t len = (size_t)((int)craft->page_count * PAGE_SUM_BYTES +
			      craft->sums_more);
	char path[200], size[12];

	octal_size(len, size);
	(void)snprintf(path, sizeof(path), ".litesafe/%s.sums", craft->name);
	craft_header(crafted,
	    craft->sums_name != NULL ? craft->sums_name : path, size, '0',
	    NULL);
	m->database.sums_offset = crafted->raw_offset;
	craft_add(crafted, sums, craft->sums_cut);
	if (craft->sums_cut > 0)
		craft_cut(crafted);
	craft_add(crafted, sums + craft->sums_cut, len - craft->sums_cut);
	craft_pad(crafted);
	if (craft->extra != NULL) {
		craft_cut(crafted);
		craft_header(crafted, craft->extra, "00000000003", '0', NULL);
		craft_add(crafted, "abc", 3);
		craft_pad(crafted);
	}
	if (!craft->no_cut_before_manifest)
		craft_cut(crafted);
	free(sums);
}

static void
add_manifest(
    struct crafted *crafted, const struct craft *craft, struct manifest *m)
{
	struct sha256 *sha256 = NULL;
	struct err err;
	char *json = NULL, size[12];
	size_t len = 0;

	cr_assert_eq(sha256_new(&sha256, &err), 0);
	sha256_add(sha256, crafted->file.at, crafted->file.len);
	sha256_finish(sha256, m->stored_sha256);
	sha256_free(sha256);
	m->stored_bytes = crafted->file.len;
	if (craft->edit != NULL)
		craft->edit(m);
	if (craft->json != NULL) {
		json = strdup(craft->json);
		len = strlen(json);
	} else {
		/* A name that is no name is not for the manifest. */
		if (name_check(m->database.name, &err) < 0)
			(void)strcpy(m->database.name, "app.db");
		cr_assert_eq(
		    manifest_encode(m, &json, &len, &err), 0, "%s", err.text);
	}
	octal_size(len, size);
	craft_header(crafted,
	    craft->manifest_name != NULL ? craft->manifest_name
					 : "litesafe.json",
	    size, '0', NULL);
	craft_add(crafted, json, len);
	craft_pad(crafted);
	free(json);
}

struct bytes
craft_archive(const struct craft *given)
{
	static const uint8_t zeros[1024];
	struct craft craft = *given;
	struct crafted crafted = { 0 };
	struct manifest manifest = { 0 };

	craft.page_size = craft.page_size > 0 ? craft.page_size : 512;
	craft.page_count = craft.page_count > 0 ? craft.page_count : 5;
	craft.pages_per_frame =
	    craft.pages_per_frame > 0 ? craft.pages_per_frame : 2;
	craft.name = craft.name != NULL ? craft.name : "app.db";
	craft.image_type = craft.image_type != 0 ? craft.image_type : '0';

	fill_manifest(&manifest, &craft);
	add_image(&crafted, &craft, &manifest);
	add_sums(&crafted, &craft, &manifest);
	if (!craft.no_manifest)
		add_manifest(&crafted, &craft, &manifest);
	if (!craft.no_end)
		craft_add(&crafted, zeros, sizeof(zeros));
	if (craft.after_end != NULL)
		craft_add(&crafted, craft.after_end, strlen(craft.after_end));
	if (craft.compressed_last)
		craft_cut(&crafted);
	else
		craft_cut_plain(&crafted);
	if (craft.frame_after) {
		craft_add(&crafted, zeros, sizeof(zeros));
		craft_cut(&crafted);
	}
	craft_table(&crafted);

	struct bytes file = crafted.file;
	crafted.file = (struct bytes){ 0 };
	craft_free(&crafted);
	return file;
}

int
craft_file(const uint8_t *file, size_t len)
{
	int fd = memfd_create("crafted", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, file, len), (ssize_t)len);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Counts pages and compares them; worker threads, concurrently. */
struct placed {
	_Atomic uint64_t pages;
	atomic_bool wrong;
};

static int
place(void *ctx, const struct page_batch *batch, struct err *err)
{
	struct placed *placed = ctx;

	(void)err;
	uint32_t size = batch->page_size;
	atomic_fetch_add(&placed->pages, batch->count);
	for (size_t n = 0; n < batch->count; n++) {
		for (uint32_t i = 0; i < size; i++) {
			if (batch->pages[n * size + i] !=
			    craft_page_byte(size, batch->numbers[n], i))
				atomic_store(&placed->wrong, true);
		}
	}
	return 0;
}

/* Feeds a pipe in small pieces, so that reads are short. */
struct feed {
	int fd;
	const uint8_t *bytes;
	size_t len;
};

static void *
feed_pipe(void *arg)
{
	struct feed *feed = arg;
	sigset_t pipe_signal;

	(void)sigemptyset(&pipe_signal);
	(void)sigaddset(&pipe_signal, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	for (size_t at = 0; at < feed->len;) {
		size_t piece = feed->len - at < 701 ? feed->len - at : 701;
		ssize_t n = write(feed->fd, feed->bytes + at, piece);

		if (n < 0)
			break;
		at += (size_t)n;
	}
	(void)close(feed->fd);
	return NULL;
}

void
craft_read(const uint8_t *file, size_t len, struct craft_reading *reading)
{
	struct placed placed = { 0 };
	struct feed feed = { .bytes = file, .len = len };
	pthread_t feeder;
	int ends[2];

	if (reading->pipe) {
		cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
		feed.fd = ends[1];
		cr_assert_eq(
		    pthread_create(&feeder, NULL, feed_pipe, &feed), 0);
	} else {
		ends[0] = craft_file(file, len);
	}
	const struct archive_read_options options = {
		.fd = ends[0],
		.name = "x.tar.zst",
		.scratch = "/tmp",
		.threads = reading->threads > 0 ? reading->threads : 2,
		.image_sha256 = reading->image_sha256,
		.manifest = reading->manifest,
		.place = place,
		.place_ctx = &placed,
	};
	reading->err = (struct err){ 0 };
	reading->rc = archive_read(&options, &reading->contents, &reading->err);
	reading->places = placed.pages;
	reading->image_wrong = placed.wrong;
	(void)close(ends[0]);
	if (reading->pipe)
		(void)pthread_join(feeder, NULL);
}
