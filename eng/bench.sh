#!/usr/bin/env bash
# ./build.sh bench          lists the benchmarks
# ./build.sh bench NAME …   builds and runs one (Sealing, Recording, …) with the arguments given
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then
  echo "benchmarks (run one with ./build.sh bench NAME):"
  for project in bench/*/*.csproj; do basename "$project" .Bench.csproj | sed 's/^Tutelage\./  /'; done
  exit 0
fi
name=$1; shift
project=bench/Tutelage.$name.Bench
[ -d "$project" ] || { echo "build.sh bench: there is no benchmark '$name'; ./build.sh bench lists them" >&2; exit 2; }
exec dotnet run -c Release --project "$project" -- "$@"
