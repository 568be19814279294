#!/usr/bin/env bash
# neovim.sh PREFIX: puts a current Neovim at PREFIX/bin/nvim.
# NVIM_SUITE chooses the Debian suite it comes from (forky: 0.12, trixie: 0.10).
set -euo pipefail
prefix=$(mkdir -p "${1:?usage: $0 PREFIX}" && cd "$1" && pwd)
suite=${NVIM_SUITE:-forky}
bin=$prefix/bin/nvim
if [ "$(readlink "$bin" || true)" = "$prefix/debian-$suite/usr/bin/nvim" ] && "$bin" --version >/dev/null 2>&1; then
  "$bin" --version | head -1
  exit 0
fi
. "$(dirname "$0")/debian.sh"
debian_prefix "$prefix" "$suite" neovim patchelf
debian_relink "$DEB_ROOT/usr/bin/nvim"
mkdir -p "$prefix/bin"
ln -sfn "$DEB_ROOT/usr/bin/nvim" "$bin"
"$bin" --version | head -1
