#!/bin/sh
# Installs, on Debian and Ubuntu, the programs that some tests run against. Safe to repeat; what can't be installed is left
# out, and the table at the end of a test run says so.
set -u
wanted='debootstrap fish openssl passt python3-venv zsh'
missing=''
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "Run as root to install:$missing" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# One by one: a package that is not to be had keeps none of the others away.
for package in $missing; do
  apt-get install -y -qq --no-install-recommends "$package" > /dev/null 2>&1 || echo "$package can't be installed" >&2
done
