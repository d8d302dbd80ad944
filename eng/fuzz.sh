#!/usr/bin/env bash
# ./build.sh fuzz [NAME]   a million mutated inputs for every parser (TUTELAGE_FUZZ says another number), or for those whose test has NAME in its full name
# Runs the tests with "Mutated" or "Fuzz" in their full names, one assembly after the other, and says what each took.
set -uo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
export TUTELAGE_FUZZ=${TUTELAGE_FUZZ:-1000000}
results=artifacts/fuzz-results
mkdir -p "$results"

status=0 ran=0
for project in test/*/*.csproj; do
  assembly=$(basename "$project" .csproj)
  tests=$(dotnet test "$project" -c Release --no-build --nologo --list-tests 2>/dev/null | sed -n 's/^    //p' | sed 's/(.*//' | grep -E 'Mutated|Fuzz' | sort -u)
  [ -n "$name" ] && tests=$(grep -F -- "$name" <<<"$tests")
  [ -n "$tests" ] || continue
  while read -r test; do
    ran=$((ran + 1))
    started=$SECONDS
    printf '%s %s' "$(date +%H:%M:%S)" "$test"
    if dotnet test "$project" -c Release --no-build --nologo -v quiet --logger "console;verbosity=minimal" --filter "FullyQualifiedName=$test" >"$results/$test.log" 2>&1; then
      printf ': %d rounds, %d s\n' "$TUTELAGE_FUZZ" $((SECONDS - started))
    else
      status=1
      printf ': FAILED after %d s, see %s\n' $((SECONDS - started)) "$results/$test.log"
      grep -vE '^\s*$' "$results/$test.log" | tail -n 40
    fi
  done <<<"$tests"
done
[ "$ran" -gt 0 ] || { echo "build.sh fuzz: no test with Mutated or Fuzz in its full name has '$name' in it" >&2; exit 2; }
echo "$ran tests, $([ $status -eq 0 ] && echo all passed || echo some FAILED)"
exit $status
