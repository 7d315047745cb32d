#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: system-files.sh POLKIT-POLICY UNIT BUS-POLICY BUS-SERVICE
#
# Whether the tools that belong to the files which get installed into the system find them right.

set -u
policy=$1
unit=$2
bus_policy=$3
bus_service=$4

directory=$(mktemp -d)
trap 'rm -rf -- "$directory"' EXIT
number=0

# check NAME TOOL COMMAND...: skipped where the tool is missing; what the command says is shown when it fails.
check () {
  name=$1
  tool=$2
  shift 2
  number=$((number + 1))
  if ! command -v "$tool" >/dev/null; then
    echo "ok $number $name # SKIP there is no $tool"
  elif "$@" >"$directory/output" 2>&1; then
    echo "ok $number $name"
  else
    sed 's/^/# /' "$directory/output"
    echo "not ok $number $name"
  fi
}

# The helper is not installed where the unit says.
sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$unit" >"$directory/qubes-live-helper.service"

valid_policy () {
  # The definition that came with polkit, in the place of the one on the network.
  grep -v -e '^<!DOCTYPE' -e 'policyconfig-1.dtd' "$policy" >"$directory/policy"
  xmllint --nonet --noout --dtdvalid /usr/share/polkit-1/policyconfig-1.dtd "$directory/policy"
}

verified_unit () {
  systemd-analyze verify --man=no "$directory/qubes-live-helper.service" >"$directory/complaints" 2>&1
  status=$?
  cat "$directory/complaints"
  # It exits with 0 also when it only ignores a line.
  [ $status -eq 0 ] && ! grep -q 'qubes-live-helper.service:' "$directory/complaints"
}

same_unit () {
  grep -qx "SystemdService=$(basename "$unit")" "$bus_service" && grep -qx 'BusName=org.qubes.Live1' "$unit" &&
    grep -qx 'Name=org.qubes.Live1' "$bus_service" &&
    [ "$(sed -n 's/^ExecStart=//p' "$unit")" = "$(sed -n 's/^Exec=//p' "$bus_service")" ]
}

check "polkit policy" xmllint valid_policy
check "bus policy" xmllint xmllint --nonet --noout "$bus_policy"
check "unit" systemd-analyze verified_unit
# In tenths, 0 to 100. What is left are the user root, the sockets, and what asking device mapper about keys takes:
# CAP_SYS_ADMIN and one device.
check "unit is confined" systemd-analyze \
  systemd-analyze security --offline=true --threshold=15 --no-pager "$directory/qubes-live-helper.service"
check "activation starts the unit" grep same_unit
echo "1..$number"
