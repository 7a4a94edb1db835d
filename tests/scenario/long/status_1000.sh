# How long a look at a set of a thousand snapshots takes, of which nine hundred
# were verified.
# shellcheck shell=bash disable=SC2154

scenario_a_thousand_snapshots() {
	make_repository
	mkdb app.db --rows 2000
	local i begin end best=999999 took
	for ((i = 0; i < 1000; i++)); do
		ask app.db "UPDATE item SET name = 'n$i' WHERE id = 1"
		litesafe backup -q app.db --verify "$([ $i -lt 100 ] && echo none || echo stored)"
	done
	for ((i = 0; i < 5; i++)); do
		begin=$(date +%s%N)
		run litesafe status --json
		end=$(date +%s%N)
		took=$(((end - begin) / 1000000))
		[ $took -gt $best ] || best=$took
	done
	expect_exit 0
	[ "$(json_of status snapshots)" = 1000 ] || fail "not a thousand"
	measured "status of a set of 1000 snapshots: $best ms"
}
