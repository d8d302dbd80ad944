#!/usr/bin/env bash
# ./build.sh [build]        restore, build with warnings as errors
# ./build.sh test [NAME]    build, then run every test (or those whose full name contains NAME)
# ./build.sh bench [NAME]   run the benchmarks (or one)
# ./build.sh fuzz [NAME]   build, then a million mutated inputs for every parser (or those whose test has NAME in its name)
# ./build.sh mutate [NAME]  mutate Sealing, Ledger and Rules (or one) and list what no test noticed (slow)
# ./build.sh prepare        install what tests and the demo need (apt, npm), nothing else
set -euo pipefail
cd "$(dirname "$0")"
verb=${1:-build}; shift || true

case "$verb" in
  prepare) exec eng/prepare.sh "$@" ;;
  build)
    dotnet build Tutelage.slnx -c Release "$@"
    ;;
  test)
    eng/prepare.sh
    dotnet build Tutelage.slnx -c Release
    exec eng/test.sh "$@"
    ;;
  bench) exec eng/bench.sh "$@" ;;
  mutate) exec eng/mutate.sh "$@" ;;
  fuzz)
    dotnet build Tutelage.slnx -c Release
    exec eng/fuzz.sh "$@"
    ;;
  -h|--help|help) sed -n '2,7p' "$0" | sed 's/^# //' ;;
  *) echo "build.sh: '$verb' is not known; it takes build, test, fuzz, mutate, bench or prepare" >&2; exit 2 ;;
esac
