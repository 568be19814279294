#!/usr/bin/env bash
# helix.sh PREFIX: puts Helix at PREFIX/bin/hx.
# HX_SUITE chooses the Debian suite it comes from (forky: 25.07 and later, trixie: 25.01).
set -euo pipefail
prefix=$(mkdir -p "${1:?usage: $0 PREFIX}" && cd "$1" && pwd)
suite=${HX_SUITE:-forky}
bin=$prefix/bin/hx
if [ "$(readlink -f "$bin" || true)" = "$prefix/debian-$suite/usr/lib/hx/hx" ] && "$bin" --version 2>/dev/null; then
  exit 0
fi
. "$(dirname "$0")/debian.sh"
debian_prefix "$prefix" "$suite" hx patchelf
exe=$(readlink -f "$DEB_ROOT/usr/bin/hx") # Helix finds its runtime folder beside this file
debian_relink "$exe"
mkdir -p "$prefix/bin"
ln -sfn "$exe" "$bin"
"$bin" --version
