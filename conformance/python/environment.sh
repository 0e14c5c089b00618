#!/bin/sh
# Makes the virtual environment of the Python suites where it is missing or out of date, and prints its interpreter.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
environment="$root/.cache/conformance-python"
wanted=$(cat "$0" "$root/sdk/python/pyproject.toml" "$root"/sdk/python/src/weai/*.py "$root/conformance/python/requirements.txt" | sha256sum)

if [ "$(cat "$environment/made-from" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment" >&2 || {
    echo "Python cannot make a virtual environment: install Debian's python3-venv." >&2
    exit 1
  }
  "$environment/bin/pip" install --quiet --disable-pip-version-check \
    "$root/sdk/python" -r "$root/conformance/python/requirements.txt" >&2
  echo "$wanted" > "$environment/made-from"
fi
echo "$environment/bin/python"
