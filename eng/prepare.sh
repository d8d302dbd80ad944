#!/usr/bin/env bash
# Installs what a fresh Debian 12 with the .NET 10 SDK lacks: a desktop without a screen, a browser, the text recogniser.
# As root or with sudo; otherwise it prints the command and stops with exit code 3. Nothing happens where nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is missing. Install the package dotnet-sdk-10.0, then run this again." >&2
  exit 3
fi

packages=(xvfb openbox dbus-x11 at-spi2-core libatspi2.0-0 chromium mousepad zenity x11-utils x11-xserver-utils fonts-dejavu-core fonts-liberation
          libx11-6 libxi6 libxext6 libxdamage1 libxfixes3 libxtst6 libzstd1 liblz4-1 libssl3 age bubblewrap git)
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' && continue
  # Debian 13 names some libraries anew (libatspi2.0-0t64); what provides the old name counts as well.
  dpkg-query -W -f='${db:Status-Status}' "${package}t64" 2>/dev/null | grep -q '^installed$' && continue
  [ "$package" = npm ] && command -v npm >/dev/null && continue
  missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  run=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then run=(sudo)
    else
      echo "These packages are missing: ${missing[*]}" >&2
      echo "Install them, then run this again:" >&2
      echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
      exit 3
    fi
  fi
  echo "installing ${missing[*]}"
  "${run[@]}" apt-get update -qq
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Other implementations of the sealed format, to check ours against; nothing of them ships.
npm=test/Tutelage.Sealing.Tests/npm
if ! cmp -s "$npm/package-lock.json" "$npm/node_modules/.prepared"; then
  echo "fetching the packages of $npm"
  if (cd "$npm" && npm ci --ignore-scripts --no-audit --no-fund --silent); then cp "$npm/package-lock.json" "$npm/node_modules/.prepared"
  else echo "could not fetch them (no network?): p256tag is checked against its committed vector only" >&2; fi
fi

eng/ocr/fetch.sh
