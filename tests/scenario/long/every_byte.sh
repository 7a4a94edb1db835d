# A small archive, cut at every length and damaged in every byte: there is no
# byte in an archive that may change unnoticed.
# shellcheck shell=bash disable=SC2154

small_archive() {
	mkdir new
	mkdb app.db --rows 20 --page-size 512
	run litesafe backup app.db -o good.tar.zst
	expect_exit 0
	size=$(stat -c %s good.tar.zst)
}

# told WHAT: verify finds it, and restore leaves nothing.
told() {
	run litesafe verify x.tar.zst --level stored
	[ "$status" = 4 ] || fail "verify, $1"
	refused 4 x.tar.zst
	run litesafe restore x.tar.zst --to new/app.db
	[ "$status" = 4 ] || fail "restore, $1"
	refused 4 x.tar.zst
}

scenario_cut_at_every_length() {
	small_archive
	local length
	for ((length = 0; length < size; length++)); do
		head -c $length good.tar.zst >x.tar.zst
		told "cut at $length of $size bytes"
	done
	expect_files new
	expect_files . app.db good.tar.zst x.tar.zst new
}

scenario_every_byte_changed() {
	small_archive
	local offset
	for ((offset = 0; offset < size; offset++)); do
		cp good.tar.zst x.tar.zst
		flip x.tar.zst bit $offset
		told "lowest bit of byte $offset of $size"
	done
	expect_files new
	expect_files . app.db good.tar.zst x.tar.zst new
}
