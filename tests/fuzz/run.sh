#!/bin/sh
# Runs every fuzzer of a build folder for some seconds, from the seeds in corpus/NAME. What a run finds is
# kept in a temporary folder; an input that crashes stays in the build folder as crash-*.
#
#   tests/fuzz/run.sh BUILD_FOLDER SECONDS
set -eu
build=$(cd "$1" && pwd)
seconds=$2
corpus=$(cd "$(dirname "$0")/corpus" && pwd)
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

status=0
for fuzzer in "$build"/*_fuzz; do
    [ -x "$fuzzer" ] || continue
    name=$(basename "$fuzzer" _fuzz)
    seeds="$corpus/$name"
    [ -d "$seeds" ] || seeds=
    mkdir -p "$found/$name"
    printf '%-10s %s s ... ' "$name" "$seconds"
    if (cd "$build" && "$fuzzer" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -verbosity=0 \
        -print_final_stats=1 "$found/$name" $seeds) >"$found/$name.log" 2>&1; then
        sed -n 's/^stat::number_of_executed_units: */inputs: /p' "$found/$name.log"
    else
        echo FAILED
        cat "$found/$name.log"
        status=1
    fi
done
exit $status
