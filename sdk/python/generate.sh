#!/bin/sh
# Makes src/onmemos/generated anew: the wire's types from ../openapi.json, and the synchronous client from src/onmemos/aio.
# With a folder as argument it writes there instead; with --tools it only makes its tools and says where they are: a
# virtual environment of their own, pinned in requirements-dev.txt and made once. PYTHON names the interpreter (3.10 or
# later) that it is made of.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stamp=$(cksum < "$here/requirements-dev.txt" | tr ' ' '-')
tools=$here/../../node_modules/.cache/onmemos-python/tools-$stamp
if [ ! -e "$tools/ready" ]; then
  rm -rf "$tools"
  mkdir -p "$tools"
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements-dev.txt"
  touch "$tools/ready"
fi
if [ "${1:-}" = --tools ]; then
  cd "$tools" && pwd
  exit
fi
exec "$tools/bin/python" "$here/scripts/generate.py" "$@"
