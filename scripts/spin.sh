#!/usr/bin/env bash
# Finds or installs Spin, the model checker, and prints its path: an installed one, else Debian's
# package. Fails loudly; the model is never skipped for want of it.
set -euo pipefail

installed() {
	local path
	path=$(command -v "${SPIN:-spin}") && "$path" -V >/dev/null 2>&1 && echo "$path"
}

installed && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq spin; } >&2 || true
	installed && exit
fi

echo "no Spin: install it (Debian: apt-get install spin) or set SPIN to its path" >&2
exit 1
