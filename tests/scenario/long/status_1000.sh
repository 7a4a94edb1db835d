# How long a look at a set of a thousand snapshots takes, of which nine hundred
# were verified.
# shellcheck shell=bash disable=SC2154

# best_of_five COMMAND...: $best, in milliseconds, and $busy, of a processor,
# which is less on a machine that has other things to do as well.
best_of_five() {
	local i begin took TIMEFORMAT='%U %S'
	best=999999 busy=999999
	for ((i = 0; i < 5; i++)); do
		begin=$(date +%s%N)
		{ time run litesafe "$@"; } 2>took
		took=$((($(date +%s%N) - begin) / 1000000))
		[ $took -gt "$best" ] || best=$took
		took=$(awk '{ print int(($1 + $2) * 1000) }' took)
		[ "$took" -gt "$busy" ] || busy=$took
		expect_exit 0
	done
}

scenario_a_thousand_snapshots() {
	make_repository
	mkdb app.db --rows 2000
	local i best busy each lines
	for ((i = 0; i < 1000; i++)); do
		ask app.db "UPDATE item SET name = 'n$i' WHERE id = 1"
		litesafe backup -q app.db --verify "$([ $i -lt 100 ] && echo none || echo stored)"
	done
	best_of_five status --json
	[ "$(json_of status snapshots)" = 1000 ] || fail "not a thousand"
	measured "status of a set of 1000 snapshots: $best ms"
	for each in 'list app.db' 'list app.db --json' \
		'restore app.db --to new.db --dry-run' \
		'restore app.db --to new.db --dry-run --at now'; do
		# shellcheck disable=SC2086 # words
		best_of_five $each
		measured "$each, of 1000 snapshots: $best ms, $busy of a processor"
		# Printed for programs, it is four times the text.
		[[ $each != *--json ]] || continue
		[ "$busy" -lt 100 ] || fail "$each takes $busy ms of a processor"
	done
	run litesafe list app.db
	lines=$(wc -l <"$LOGS/out")
	[ "$lines" = 1000 ] || fail "$lines lines"
}
