#!/bin/sh
# Installs what the documentation site is built with and builds it into docs/dist, when its sources have changed.
# The server shows .cache/docs/state at /docs until there is a site; the log is .cache/docs/build.log.
# With --after-start it is quiet, waits until the server of HOST and PORT answers (its first token comes first), works at the
# lowest priority, and ends when its parent, the server, has ended.
set -eu
umask 022
cd "$(dirname -- "$0")/.."
PATH="$PWD/runtime/node_modules/.bin:$PATH"
export PATH ASTRO_TELEMETRY_DISABLED=1
state=.cache/docs/state
log=.cache/docs/build.log
built=docs/dist/.built
output=docs/.building

later=no
[ "${1:-}" != --after-start ] || later=yes
say() { [ "$later" = yes ] || echo "$1"; }

current() {
  [ -f "$built" ] && [ -z "$(find docs/src docs/public docs/site docs/generate docs/*.ts docs/*.mjs docs/package-lock.json openapi.json \
    protocol/src/errors.ts protocol/src/chat-request.ts server/src/config.ts server/src/engines/kinds.ts server/src/members/roles.ts $(find server/src -name 'cli*.ts') \
    -path docs/src/content/docs/reference -prune -o -newer "$built" -print)" ]
}

if current; then exit 0; fi
mkdir -p .cache/docs

# One at a time: another may be at it, in the background of a start.
busy() {
  [ -f "$state" ] && read -r word pid <"$state" && [ "$word" = building ] && [ "$pid" != $$ ] && kill -0 "$pid" 2>/dev/null
}
while busy; do
  [ "$later" = no ] || exit 0
  sleep 1
done
if current; then exit 0; fi

if [ "$later" = yes ]; then
  echo "building $$" >"$state"
  address="http://${HOST:-127.0.0.1}:${PORT:-8080}/readyz"
  waited=0
  while [ $waited -lt 120 ] && ! node -e 'fetch(process.argv[1]).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))' "$address"; do
    kill -0 "$PPID" 2>/dev/null || { rm -f "$state"; exit 0; }
    sleep 2
    waited=$((waited + 2))
  done
  # The banner is out and the reader is copying its first request: let that one go first.
  sleep 5
  renice -n 19 -p $$ >/dev/null 2>&1 || true
fi

echo "building $$" >"$state"
trap 'rm -rf "$output"' EXIT
failed() {
  echo failed >"$state"
  [ "$later" = yes ] || { tail -40 "$log" >&2; echo "Building the documentation failed: see above, or $log." >&2; }
  exit 1
}
alive() { [ "$later" = no ] || kill -0 "$PPID" 2>/dev/null || { rm -f "$state"; exit 0; }; }

: >"$log"
if ! cmp -s docs/package-lock.json docs/node_modules/.installed; then
  say "Installing what the documentation is built with …"
  npm ci --prefix docs --ignore-scripts --no-audit --no-fund --loglevel=error >>"$log" 2>&1 || failed
  cp docs/package-lock.json docs/node_modules/.installed
fi
alive
say "Building the documentation …"
rm -rf "$output"
node docs/generate.ts >>"$log" 2>&1 || failed
(cd docs && WEAI_DOCS_OUT=./.building node node_modules/astro/bin/astro.mjs build) >>"$log" 2>&1 || failed
touch "$output/.built"
rm -rf docs/.replaced
[ ! -d docs/dist ] || mv docs/dist docs/.replaced
mv "$output" docs/dist
rm -rf docs/.replaced
echo built >"$state"
