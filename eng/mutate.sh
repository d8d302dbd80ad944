#!/usr/bin/env bash
# ./build.sh mutate [Sealing|Ledger|Rules] [FILE…]   mutates a pure project (or only the files named, as globs) and runs its tests against every mutant
# Works on a copy of the tree, two mutants at a time, without the tests whose trait Pace is slow, and ends with those that no test noticed. What survives stands with its reason in docs/threat-model.md.
set -euo pipefail
cd "$(dirname "$0")/.."
names=(Sealing Ledger Rules)
if [ $# -gt 0 ]; then names=("$1"); shift; fi
for name in "${names[@]}"; do
  case "$name" in Sealing|Ledger|Rules) ;; *) echo "build.sh mutate: '$name' is not one of Sealing, Ledger, Rules" >&2; exit 2 ;; esac
done
files=()
for file in "$@"; do files+=(--mutate "$file"); done

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done | tar --null -T - -cf - | tar -xf - -C "$tree"
export TUTELAGE_FUZZ=${TUTELAGE_FUZZ:-500} # a mutant of a parser shows in the first hundreds of inputs or not at all
export TUTELAGE_SHARED=${TUTELAGE_SHARED:-$(realpath -m ../shared/data)}
(cd "$tree" && dotnet tool restore >/dev/null)
for name in "${names[@]}"; do
  out=$PWD/artifacts/mutation/$name
  rm -rf "$out"; mkdir -p "$out"
  (cd "$tree/test/Tutelage.$name.Tests" && dotnet stryker --config-file "$tree/eng/mutate.json" --project "Tutelage.$name.csproj" --output "$out" "${files[@]}" >"$out/log" 2>&1) || { tail -n 40 "$out/log" >&2; exit 1; }
  node eng/survivors.mjs "$out/reports/mutation-report.json"
done
