#!/usr/bin/env bash
# Searches every state of the model in several sizes, then proves that the checker sees: each planted bug has to be
# found. --long adds larger sizes (minutes, up to 8 GB). Last line: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
'' | --long) ;;
*) echo "usage: verify.sh [--long]" >&2; exit 2 ;;
esac

spin=$(../../scripts/spin.sh)
command -v gcc >/dev/null || { echo "no gcc: Spin's checkers are C programs" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# search <-O of gcc> <-D flags>: fills $scratch/out, and prints "states seconds"
search() {
	local optimise=$1
	shift
	rm -f "$scratch"/*
	cp sync.pml "$scratch"
	(
		cd "$scratch"
		"$spin" -a "$@" sync.pml >build 2>&1 && gcc "$optimise" -w -DSAFETY -DNOCLAIM -DMEMLIM=8000 -o pan pan.c >>build 2>&1 || { cat build >&2; exit 1; }
		./pan -n -w22 -m1000000 >out 2>&1 || true
		awk '/states, stored/ { n = $1 } /elapsed time/ { s = $4 } END { printf "%d %.1f", n, s }' out
	)
}

# The comment beside the assertion that failed, and with "all" the way to it.
broken() {
	(
		cd "$scratch"
		[ -f sync.pml.trail ] || { grep -E '^pan' out; return; }
		"$spin" -t "$@" sync.pml >trail
		line=$(sed -n 's/^spin: sync.pml:\([0-9]*\), Error: assertion violated/\1/p' trail | head -1)
		[ -n "$line" ] && sed -n "${line}s|.*/\* \(.*\) \*/.*|\1|p" sync.pml
	)
}

row() { printf '%-46s %10s %7s  %s\n' "$@"; }

holds() {
	local figures what=ok
	figures=$(search -O1 "$@")
	if ! grep -q 'errors: 0' "$scratch/out" || grep -qE 'too small|not completed|out of memory|resource' "$scratch/out"; then
		what="FAILED: $(broken "$@" || true)"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
	row "$(name "$@")" $figures "$what"
	if [ "$what" != ok ]; then
		grep -E 'phone|server|nothing fails' "$scratch/trail" 2>/dev/null | sed '/nothing fails/q' || cat "$scratch/out"
	fi
}

finds() {
	local figures what
	figures=$(search -O0 "$@")
	if what=$(broken "$@") && [ -n "$what" ] && grep -q 'assertion violated' "$scratch/out"; then
		what="found: $what"
		passed=$((passed + 1))
	else
		what="NOT FOUND"
		failed=$((failed + 1))
	fi
	row "$(name "$@")" $figures "$what"
}

name() { echo "$*" | sed 's/-D//g' | tr 'A-Z' 'a-z'; }

row variant states seconds result
holds -DMUTS=2 -DOTHERS=1 -DMOVES=1
holds -DMUTS=1 -DOTHERS=1 -DMOVES=2
holds -DMUTS=2 -DOTHERS=1 -DMOVES=0 -DDELETES=1 -DROWS=4
holds -DMUTS=1 -DOTHERS=1 -DMOVES=0 -DDEVICES=3
holds -DMUTS=2 -DOTHERS=1 -DMOVES=0 -DRESTORES=1
holds -DMUTS=1 -DOTHERS=1 -DMOVES=1 -DRESTORES=1
holds -DMUTS=1 -DOTHERS=1 -DMOVES=0 -DRESTORES=1 -DBOOTS=1
if [ "${1:-}" = --long ]; then
	holds -DMUTS=2 -DOTHERS=2 -DMOVES=1
	holds -DMUTS=1 -DOTHERS=1 -DMOVES=2 -DDELETES=1
	holds -DMUTS=2 -DOTHERS=1 -DMOVES=0 -DDEVICES=3
	holds -DMUTS=2 -DOTHERS=2 -DMOVES=0 -DRESTORES=1
	holds -DMUTS=1 -DOTHERS=1 -DMOVES=0 -DRESTORES=2 -DBOOTS=1
fi

for bug in NODEDUP CURSORFIRST NOSCOPELOG EARLYSEQ DROPREJECT GAPAPPLIED HIGHMOVES; do
	finds -D$bug -DMOVES=1
done
for bug in NOEPOCH FORGETACKED SEENROUND; do
	finds -D$bug -DMOVES=0 -DRESTORES=1
done
finds -DMARKLOW -DMOVES=0 -DBOOTS=1

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
