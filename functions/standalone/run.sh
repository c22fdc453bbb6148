#!/bin/sh
# run.sh FILE ARGUMENTS: replaces itself by a program of this repository, on the Node that npm installed with it. Without
# one that can run here it leaves it to the Node on the path, where own-node.mjs says what is missing. Behind `--`, because
# Node reads the file of any `--env-file` before it, even of one that is an argument of the program.
here=$(dirname "$0")
# npm writes this file last.
if [ ! -e "$here/../../node_modules/.package-lock.json" ]; then
  echo 'Nothing is installed here yet, or not everything. Run `npm ci` first.' >&2
  exit 1
fi
file=$1
shift
there() { [ -e "$1" ]; }
# npm installs the package of this machine's processor and no other. Its Node needs glibc and this library.
for node in "$here"/../../node_modules/node-linux-*/bin/node; do
  there "$node" && { there /lib64/ld-linux-x86-64.so.2 || there /lib/ld-linux-aarch64.so.1; } || continue
  for library in /lib/libatomic.so.1 /lib64/libatomic.so.1 /usr/lib/libatomic.so.1 /usr/lib64/libatomic.so.1 \
    /usr/lib/*-linux-gnu/libatomic.so.1; do
    if there "$library"; then exec "$node" -- "$file" "$@"; fi
  done
done
exec node -- "$here/run.mjs" "$file" "$@"
