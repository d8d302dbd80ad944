#!/usr/bin/env bash
# Runs the built tests one assembly after the other (two cores) and ends with "N passed, N failed" from the result files.
set -uo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
results=artifacts/test-results
rm -rf "$results"; mkdir -p "$results"

status=0
for project in test/*/*.csproj; do
  assembly=$(basename "$project" .csproj)
  filter=()
  [ -n "$name" ] && filter=(--filter "FullyQualifiedName~$name")
  started=$SECONDS
  if ! timeout -k 10 900 dotnet test "$project" -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" "${filter[@]}" \
      --logger "trx;LogFileName=$assembly.trx" --results-directory "$results" >"$results/$assembly.log" 2>&1; then
    status=1
    grep -vE '^\s*$' "$results/$assembly.log" | tail -n 60
  fi
  printf '%-36s %4ds\n' "$assembly" $((SECONDS - started))
done

count() { cat "$results"/*.trx 2>/dev/null | grep -oE "<Counters [^>]*" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | paste -sd+ | bc_; }
bc_() { read -r sum || sum=0; echo $((${sum:-0})); }
passed=$(count passed)
failed=$(( $(count failed) + $(count error) + $(count timeout) + $(count aborted) ))
if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  echo "no test has a full name that contains '$name'" >&2
  status=1
fi
# A runner that died leaves no counters: it counts as a failure.
for project in test/*/*.csproj; do
  [ -n "$name" ] && break
  [ -f "$results/$(basename "$project" .csproj).trx" ] || { echo "$(basename "$project" .csproj) left no results" >&2; failed=$((failed + 1)); status=1; }
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && exit $status
exit 1
