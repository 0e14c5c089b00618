#!/bin/sh
# Installs Node 24 and the packages and builds the Node client and the console, each only when what it is made from has changed.
set -eu
# A strict umask (077) must not keep PostgreSQL, which does not run as root, from reading its own programs.
umask 022
cd "$(dirname -- "$0")/.."

fail() {
  echo "$1" >&2
  exit 1
}

command -v npm >/dev/null 2>&1 ||
  fail "npm is missing: install Node.js 18 or newer (Debian: apt-get install nodejs npm), then run make again."

# Usage: packages <directory> <what is installed, for the reader>
packages() {
  stamp=$1/node_modules/.installed
  if [ -f "$stamp" ] && cmp -s "$1/package-lock.json" "$stamp"; then return; fi
  echo "Installing $2 …"
  log=$(mktemp)
  if ! npm ci --prefix "$1" --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "Installing $2 failed: see above. Check the network and the disk, then run make again."
  fi
  rm -f "$log"
  cp "$1/package-lock.json" "$stamp"
}

packages runtime "Node 24"
PATH="$PWD/runtime/node_modules/.bin:$PATH"
export PATH
node --version >/dev/null 2>&1 ||
  fail "The Node in runtime/ does not run on this machine: remove runtime/node_modules, then run make again."
packages . "packages"

# The library for NVIDIA GPUs is large and of no use elsewhere: only who asked for it has it, and then always of the engine's version.
if [ "${1:-}" = --cuda ] || [ -d engine/cuda/node_modules ]; then packages engine/cuda "the library for NVIDIA GPUs"; fi

# Last of what the build writes: it is there when the build was complete.
built=sdk/node/dist/cjs/require.js
if [ ! -f "$built" ] || [ -n "$(find sdk/node/src sdk/node/*.ts sdk/node/*.json package-lock.json -newer "$built")" ]; then
  echo "Building the Node client …"
  node sdk/node/build.ts || fail "Building the Node client failed: see above."
fi

# Written last, when the build was complete. Removed first, so that a failed build is not taken for one.
built=console/dist/.built
if [ ! -f "$built" ] || [ -n "$(find console/src console/public console/*.html console/*.ts console/*.json package-lock.json -newer "$built")" ]; then
  echo "Building the console …"
  rm -f "$built"
  log=$(mktemp)
  if ! node node_modules/vite/bin/vite.js build console --logLevel warn >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "Building the console failed: see above."
  fi
  rm -f "$log"
  touch "$built"
fi
