# A scheduled job. Its exit code is the command's, its output is whole, and no session is left behind.
set -eu
# In the root of a clone, this finds ./onmemos.
PATH="$PATH:$PWD"

onmemos run --user ada --ttl 30m --label job=nightly --quiet -- '
  for table in users orders; do echo "checked $table"; done
'
# -> checked users
# -> checked orders

onmemos sessions ls --user ada --label job=nightly --quiet
