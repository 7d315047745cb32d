#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: icons.sh SOURCE-ROOT
#
# Panels crop icons that are not square, drop text whose font is missing, and show dark outlines on dark themes; GTK
# recolours fills only, so a symbolic icon can have nothing else.

here=$1/tests/ci
# shellcheck source=tests/ci/tap.sh
. "$here/tap.sh"
icons=$1/icons/hicolor

# value FILE XPATH
value () {
  xmllint --xpath "string($2)" "$1" 2>&1
}

check () {
  same "/icons/$1/root" 'svg http://www.w3.org/2000/svg' "$(value "$2" 'local-name(/*)') $(value "$2" 'namespace-uri(/*)')"
  same "/icons/$1/square" '0 0 16 16' "$(value "$2" '/*/@viewBox')"
  same "/icons/$1/drawing" '0' "$(value "$2" 'count(//*[local-name()!="svg" and local-name()!="path"])')"
  same "/icons/$1/outline" '0' "$(value "$2" 'count(//@*[starts-with(name(), "stroke") or name()="style"])')"
}

for state in live live-leaky ephemeral persistent unknown alarm; do
  check "$state" "$icons/scalable/status/qubes-live-$state.svg"
  check "$state-symbolic" "$icons/scalable/status/qubes-live-$state-symbolic.svg"
  same "/icons/$state-symbolic/one-path" '1' \
    "$(value "$icons/scalable/status/qubes-live-$state-symbolic.svg" 'count(/*/*)')"
done
check app "$icons/scalable/apps/qubes-live.svg"

# Colour is never the only difference.
marks=$(for icon in "$icons"/scalable/status/*-symbolic.svg; do value "$icon" '//@d'; echo; done | sort -u | grep -c .)
same '/icons/distinct-shapes' '6' "$marks"

plan
