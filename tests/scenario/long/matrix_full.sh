# All combinations of page size, journal mode, auto_vacuum, encoding and
# reserved bytes, with what matrix.sh does to each.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/matrix.sh
. "$here/matrix.sh"

# There are seven features, and all other counts are prime to seven: as they
# rotate, each meets every value of every other setting.
every_shape() {
	local size journal vacuum encoding reserve n=0
	for size in "${page_sizes[@]}"; do
		for journal in "${journals[@]}"; do
			for vacuum in "${vacuums[@]}"; do
				for encoding in "${encodings[@]}"; do
					for reserve in 0 32; do
						echo "$size $journal $vacuum" \
							"$encoding $reserve" \
							"${features[n++ % 7]}"
					done
				done
			done
		done
	done
}

# every_shape_with JOURNAL: a quarter of them.
every_shape_with() {
	every_shape | grep " $1 " >"$LOGS/shapes"
	[ "$(sort -u "$LOGS/shapes" | wc -l)" = $((8 * 3 * 3 * 2)) ]
	each_shape there_and_back <"$LOGS/shapes"
}

scenario_wal() {
	every_shape_with wal
}

scenario_delete() {
	every_shape_with delete
}

scenario_truncate() {
	every_shape_with truncate
}

scenario_persist() {
	every_shape_with persist
}
