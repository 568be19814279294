#!/usr/bin/env bash
# vscode.sh PREFIX: puts VS Code, as code-server, at PREFIX/bin/code-server, and what tests drive it with into
# PREFIX/vscode; gets what the extension is built with. Needs Node 20.15 or later with npm; Chromium comes from the
# system's packages if it is not there.
set -euo pipefail
prefix=$(mkdir -p "${1:?usage: $0 PREFIX}" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")/../vscode" && pwd)
dir=$prefix/vscode
code=$dir/node_modules/code-server
node=$dir/node_modules/node-linux-$(node -p process.arch)
npm=(npm --silent --ignore-scripts --no-audit --no-fund)

install_chromium() {
  command -v chromium >/dev/null && return
  local sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get -qq update
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install chromium fonts-dejavu-core >/dev/null
}

install_code_server() {
  if ! cmp -s "$0" "$dir/installed-by" || ! cmp -s "$here/package-lock.json" "$dir/package-lock.json"; then
    rm -f "$dir/installed-by"
    mkdir -p "$dir" "$prefix/bin"
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$dir"
    (cd "$dir" && "${npm[@]}" ci)
    # the steps that code-server's own script would do; what else that compiles (sign-in, chat, log files) is not needed
    for part in lib/vscode lib/vscode/extensions; do
      (cd "$code/$part" && "${npm[@]}" install --omit=dev)
    done
    cp "$0" "$dir/installed-by"
  fi
  # it wants its own Node: a newer one than most machines have
  printf '#!/bin/sh\nCODE_SERVER_CONFIG="%s/config.yaml" exec "%s/bin/node" "%s/out/node/entry.js" "$@"\n' \
    "$dir" "$node" "$code" > "$prefix/bin/code-server"
  chmod +x "$prefix/bin/code-server"
}

install_chromium & browser=$!
install_code_server
extension=$here/../../../editors/vscode
cmp -s "$extension/package-lock.json" "$extension/node_modules/.installed" || {
  (cd "$extension" && "${npm[@]}" ci)
  cp "$extension/package-lock.json" "$extension/node_modules/.installed"
}
wait "$browser"
"$prefix/bin/code-server" --version
chromium --version
