#!/bin/sh
# Makes src/onmemos/generated anew: the wire's types from ../openapi.json, and the synchronous client from src/onmemos/aio.
# The tools are pinned in requirements-dev.txt and live in a virtual environment of their own, made once.
# PYTHON names the interpreter that makes it (3.10 or later).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stamp=$(sha256sum "$here/requirements-dev.txt" | cut -c1-16)
tools=${ONMEMOS_PYTHON_TOOLS:-$here/../../node_modules/.cache/onmemos-python/tools-$stamp}
if [ ! -e "$tools/ready" ]; then
  rm -rf "$tools"
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements-dev.txt"
  touch "$tools/ready"
fi
exec "$tools/bin/python" "$here/scripts/generate.py" "$@"
