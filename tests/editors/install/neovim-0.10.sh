#!/usr/bin/env bash
# neovim-0.10.sh PREFIX: puts the oldest Neovim that the plugin runs in at PREFIX/neovim-0.10/bin/nvim.
set -euo pipefail
NVIM_SUITE=trixie exec "$(dirname "$0")/neovim.sh" "${1:?usage: $0 PREFIX}/neovim-0.10"
