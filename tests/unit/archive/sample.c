#include "tests/unit/archive/sample.h"

#include <string.h>

struct manifest
sample_full(void)
{
	struct manifest m = {
		.id = "0123456789abcdef",
		.set = "x/p\xc3\xa4ge.db",
		.kind = "full",
		.pin_start_ms = 1795225080123,
		.pin_end_ms = 1795225081123,
		.finished_ms = 1795225082123,
		.pin_seconds = 0.1,
		.host = "db1",
		.tool = "litesafe 0.1.0",
		.sqlite = "3.40.1",
		.stored_bytes = 123456789012,
		.database = {
			.name = "p\xc3\xa4ge.db",
			.path = "/srv/\"quoted\"/p\xc3\xa4ge.db",
			.page_size = 4096,
			.page_count = 700,
			.encoding = "UTF-16le",
			.journal_mode = "wal",
			.application_id = 0xffffffff,
			.user_version = 7,
			.uid = 0xfffffffe,
			.gid = 33,
			.mode = 04640,
			.pages_stored = 700,
			.pages_offset = 512,
			.sums_offset = 512 + 700 * 4096 + 512,
			.wal_bytes_before = 4152,
			.wal_bytes_after = 1ull << 40,
			.frames_not_checkpointed = 9,
		},
	};

	memset(m.stored_sha256, 0xab, SHA256_BYTES);
	memset(m.database.root, 0xcd, SHA256_BYTES);
	return m;
}

struct manifest
sample_increment(void)
{
	struct manifest m = sample_full();

	(void)strcpy(m.kind, MANIFEST_INCREMENT);
	(void)strcpy(m.parent, "fedcba9876543210");
	m.database.pages_stored = 5;
	m.database.pages_offset = 2048;
	m.database.sums_offset = 2048 + 5 * 4096 + 512;
	memset(m.database.parent_root, 0xef, SHA256_BYTES);
	return m;
}
