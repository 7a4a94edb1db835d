#!/bin/bash
# Runs the fuzz targets (tests/fuzz/fuzz_*.c, libFuzzer by clang).
#
# usage: fuzz.sh SECONDS [TARGET...]
#
# Each target starts from an archive that our own program made, and from
# tests/fuzz/TARGET/, the inputs that once taught us something.  It stops at
# the first input that breaks it, which stays in build/fuzz/.
set -eu

seconds=$1
shift
command -v clang >/dev/null || {
	echo "fuzz: needs clang" >&2
	exit 1
}
[ $# -gt 0 ] || set -- tests/fuzz/fuzz_*.c
packages='sqlite3 libzstd libarchive libcrypto jansson inih'

seeds=build/fuzz/seeds
rm -rf $seeds
mkdir -p $seeds
"$B/support/mkdb" $seeds/seed.db --rows 50
"$B/litesafe" backup $seeds/seed.db -o $seeds/archive -q
tar --zstd -xOf $seeds/archive litesafe.json >$seeds/manifest
sed -E 's/^#([a-z[])/\1/' packaging/litesafe.conf >$seeds/config

for target; do
	name=$(basename "$target" .c)
	[ -f "tests/fuzz/$name.c" ] || {
		echo "fuzz: no target '$name' in tests/fuzz" >&2
		exit 1
	}
	echo "-- $name, $seconds s"
	# shellcheck disable=SC2046,SC2086 # words are meant
	clang -std=gnu17 -D_GNU_SOURCE -I. -g -O1 -pthread \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "build/fuzz/$name" "tests/fuzz/$name.c" \
		{base,config,archive,database}/*.c \
		$(pkg-config --cflags --libs $packages)
	corpus=("build/fuzz/found-$name" "$seeds")
	mkdir -p "${corpus[0]}"
	[ ! -d "tests/fuzz/$name" ] || corpus+=("tests/fuzz/$name")
	"build/fuzz/$name" -max_total_time="$seconds" -timeout=20 \
		-rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$name-" "${corpus[@]}"
done
