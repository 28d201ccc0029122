#!/usr/bin/env bash
# Finds or installs a Chromium and prints its path: an installed one, else Debian's
# package, else Playwright's own. Fails loudly; stories are never skipped for want of one.
set -euo pipefail
cd "$(dirname "$0")/.."

works() { [ -n "$1" ] && "$1" --version >/dev/null 2>&1; }

installed() {
	local name path
	for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
		path=$(command -v "${name:-none}") && works "$path" && echo "$path" && return
	done
	return 1
}

playwrights() {
	local path
	path=$(cd pb_public && node -p "require('@playwright/test').chromium.executablePath()") && works "$path" && echo "$path"
}

installed && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >&2 || true
	installed && exit
fi
playwrights && exit
(cd pb_public && npx --no-install playwright install chromium) >&2 || true
playwrights && exit

echo "no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM to its path" >&2
exit 1
