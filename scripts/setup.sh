#!/usr/bin/env bash
# Make this checkout ready. Nothing is done twice: each step leaves a stamp of what it was done for.
#
#   scripts/setup.sh run     what `whiteout up` needs: Python, .venv and the server parts
#   scripts/setup.sh check   the same, with the tools for checks and for building
#   scripts/setup.sh test    the same, with browser, tracer, web server, load generator and Node
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
PYTHON=$VENV/bin/python

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
digest() { cat "$@" | cksum; }
have() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# install PACKAGE...: by apt-get, where there is one and it may.
install() {
  local apt=(apt-get -o DPkg::Lock::Timeout=120 -y -qq)
  [ "$(id -u)" = 0 ] && have apt-get || return 1
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" install --no-install-recommends "$@" >/dev/null 2>&1 ||
    { "${apt[@]}" update >/dev/null && "${apt[@]}" install --no-install-recommends "$@" >/dev/null; }
}

find_python() {
  local name
  for name in ${PYTHON_FOR_VENV:-} python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  name=$(python3 --version 2>/dev/null || true)
  die "whiteout needs Python 3.11 or newer, and this machine has ${name:-none}." \
    "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name one in PYTHON_FOR_VENV."
}

make_venv() {
  [ -x $PYTHON ] && $PYTHON -c 'import pip' 2>/dev/null && return
  local python
  python=$(find_python)
  say "making $VENV with $($python --version)"
  "$python" -m venv --clear $VENV >/dev/null 2>&1 && return
  install python3-venv && "$python" -m venv --clear $VENV ||
    die "$python cannot make a virtual environment. Debian, Ubuntu: apt-get install python3-venv"
}

# install_python EXTRAS: one stamp a set of extras, and the larger set covers the smaller.
install_python() {
  local extras=$1 wanted
  wanted=$(digest pyproject.toml constraints.txt)
  make_venv
  if [ -x $VENV/bin/whiteout ]; then
    case "$extras:$(cat $VENV/.extras 2>/dev/null)" in
      "$extras:$extras $wanted" | "server:server,dev $wanted") return ;;
    esac
  fi
  say "installing whiteout[$extras] into $VENV"
  rm -f $VENV/.extras
  $PYTHON -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable ".[$extras]" ||
    die "pip could not install whiteout[$extras]; its message stands above."
  echo "$extras $wanted" >$VENV/.extras
}

# need PROGRAM PACKAGE...: install a system package for a program that is missing.
need() {
  local program=$1
  shift
  have "$program" && return
  install "$@" && have "$program" ||
    die "the tests need \`$program\`. Install it, as root on Debian or Ubuntu: apt-get install $*"
}

install_system() {
  have chromium || have chromium-browser || have google-chrome || need chromium chromium
  need strace strace
  need nginx nginx-light
  need wrk wrk
  need node nodejs
  need npm npm
  need sqlite3 sqlite3
  need openssl openssl
  need flock util-linux
}

install_node() {
  local lock folder wanted
  find . \( -name node_modules -o -name .venv -o -name .git \) -prune -o -name package-lock.json -print | sort |
    while read -r lock; do
      folder=$(dirname "$lock")
      wanted=$(digest "$lock" "$folder/package.json")
      [ "$(cat "$folder/node_modules/.stamp" 2>/dev/null)" = "$wanted" ] && continue
      say "installing the packages of $folder"
      (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >/dev/null) || die "npm could not install the packages of $folder."
      echo "$wanted" >"$folder/node_modules/.stamp"
    done
}

case "${1:-}" in
  run) install_python server ;;
  check) install_python server,dev ;;
  test)
    install_system
    # Both wait for the network most of the time.
    install_node &
    install_python server,dev
    wait $!
    ;;
  *) die "usage: scripts/setup.sh run|check|test" ;;
esac
