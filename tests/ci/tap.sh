# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be read by the shell tests beside it: numbered TAP lines, and a temporary directory that goes away.

set -u
export LC_ALL=C
number=0
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# same NAME WANTED GOT
same () {
  number=$((number + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $number $1"
  else
    echo "not ok $number $1"
    printf 'wanted: %s\ngot:    %s\n' "$2" "$3" | sed 's/^/# /'
  fi
}

plan () {
  echo "1..$number"
}
