# Sourced by neovim.sh and helix.sh.
#
# debian_prefix PREFIX SUITE PACKAGE...
#   Unpacks PACKAGEs of another Debian SUITE, with everything they depend on
#   down to libc, into PREFIX/debian-SUITE. Neither dpkg's database nor apt's own
#   sources and lists are touched: apt runs on a private state directory.
#   Sets DEB_ROOT to the unpacked tree.
# debian_relink BINARY
#   Makes an ELF file of DEB_ROOT use DEB_ROOT's loader and libraries, so that it
#   runs whatever libc the machine has, and its children keep the machine's own.

debian_prefix() {
  local prefix=$1 suite=$2
  shift 2
  local arch triplet codename mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  arch=$(dpkg --print-architecture)
  triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # The mirror is the one this machine's apt already uses for its own release.
  mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }')
  [ -n "$mirror" ] || { echo "no apt source for $codename main on this machine" >&2; return 1; }
  [ -r "$keyring" ] || { echo "missing $keyring (package debian-archive-keyring)" >&2; return 1; }

  local apt=$prefix/.apt-$suite
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/none"
  : > "$apt/state/status" # an empty database: every dependency counts as missing
  echo "deb [arch=$arch target=Packages signed-by=$keyring] $mirror $suite main" > "$apt/sources.list"
  local o=(-q=2 -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/state/status" -o "Dir::Cache=$apt/cache"
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferences=/dev/null
    -o "Dir::Etc::preferencesparts=$apt/none" -o APT::Sandbox::User=root -o APT::Install-Recommends=false
    -o APT::Architectures="$arch" -o Acquire::Languages=none -o Acquire::Retries=3
    -o Acquire::GzipIndexes=true -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  exec 9> "$apt/lock" && flock 9 # one installer at a time in this prefix
  if [ -z "$(find "$apt/updated" -mmin -120 2>/dev/null)" ]; then
    apt-get "${o[@]}" update
    touch "$apt/updated"
  fi
  apt-get "${o[@]}" -y --download-only --no-install-recommends install "$@" >/dev/null

  DEB_ROOT=$prefix/debian-$suite
  DEB_LIB=$DEB_ROOT/usr/lib/$triplet
  mkdir -p "$DEB_ROOT/usr/lib" "$DEB_ROOT/usr/lib64" "$DEB_ROOT/usr/bin" "$DEB_ROOT/usr/sbin"
  local d
  for d in lib lib64 bin sbin; do [ -e "$DEB_ROOT/$d" ] || ln -s "usr/$d" "$DEB_ROOT/$d"; done
  find "$apt/cache/archives" -maxdepth 1 -name '*.deb' -print0 |
    xargs -0 -r -n 1 -P "$(nproc)" sh -c 'dpkg-deb -x "$2" "$1" && rm "$2"' unpack "$DEB_ROOT"
  DEB_LOADER=$(echo "$DEB_LIB"/ld-linux*.so.*)
  [ -x "$DEB_LOADER" ] || { echo "no loader in $DEB_LIB" >&2; return 1; }
}

debian_relink() {
  "$DEB_LOADER" --library-path "$DEB_LIB" "$DEB_ROOT/usr/bin/patchelf" \
    --set-interpreter "$DEB_LOADER" --force-rpath --set-rpath "$DEB_LIB" "$1"
}
