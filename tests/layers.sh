#!/bin/bash
# A room includes only itself and the rooms that it may know, and a library
# comes in by one door.
#
# usage: layers.sh ROOM:ROOM,ROOM... ...     as in the Makefile
set -u

faults=0

fault() {
	echo "layers: $*"
	faults=$((faults + 1))
}

# includes FILE: the rooms it includes, one a line.
includes() {
	sed -nE 's|^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"/]*)/?.*"|\1|p' "$1"
}

for layer; do
	room=${layer%%:*}
	may=",$room,${layer#*:},"
	for file in "$room"/*.[ch]; do
		[ -f "$file" ] || continue
		while read -r other; do
			[[ $may == *",$other,"* ]] ||
				fault "$file includes '$other/': $room/ may not"
		done < <(includes "$file")
	done
done

# door HEADER-PATTERN ALLOWED...: the only rooms or files that may include it.
door() {
	local pattern=$1 file allowed ok
	shift
	while read -r file; do
		ok=no
		for allowed; do
			[[ $file == "$allowed" || $file == "$allowed"/* ]] &&
				ok=yes
		done
		[ $ok = yes ] || fault "$file includes <$pattern>: only $* may"
	done < <(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$pattern" \
		./*/*.[ch] | sed 's|^\./||' | grep -v '^tests/')
}

door 'sqlite3' database
door 'zstd|zdict' archive
door 'archive(_entry)?\.h' archive
door 'jansson' archive repository/repository_file.c
door 'curl/' notify/ping.c
door 'openssl/' base/sha256.c base/page_tag.c

# Only command/ speaks and ends the program.
while IFS= read -r line; do
	fault "$line: below command/ nothing prints and nothing exits"
done < <(grep -nE '(^|[^a-z_])(printf|puts|putchar|perror|exit|warnx?|errx?)\(' \
	{base,notify,archive,database,repository,backup,restore}/*.c 2>/dev/null |
	grep -vE ':[[:space:]]*(/?\*|//|")')

[ "$faults" = 0 ] || exit 1
echo "layers: every include goes by the table"
