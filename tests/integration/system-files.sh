#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: system-files.sh POLKIT-POLICY UNIT BUS-POLICY BUS-SERVICE STORAGE-UNIT STORAGE-SOCKET
#
# Whether the tools that belong to the files which get installed into the system find them right.

set -u
policy=$1
unit=$2
bus_policy=$3
bus_service=$4
storage_unit=$5
storage_socket=$6

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

# The programs are not installed where the units say.
sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$unit" >"$directory/qubes-live-helper.service"
sed 's,^ExecStart=.*,ExecStart=/bin/true,' "$storage_unit" >"$directory/qubes-live-storage@.service"
cp "$storage_socket" "$directory/qubes-live-storage.socket"

valid_policy () {
  # The definition that came with polkit, in the place of the one on the network.
  grep -v -e '^<!DOCTYPE' -e 'policyconfig-1.dtd' "$policy" >"$directory/policy"
  xmllint --nonet --noout --dtdvalid /usr/share/polkit-1/policyconfig-1.dtd "$directory/policy"
}

# verified_unit FILE
verified_unit () {
  systemd-analyze verify --man=no "$directory/$1" >"$directory/complaints" 2>&1
  status=$?
  cat "$directory/complaints"
  # It exits with 0 also when it only ignores a line.
  [ $status -eq 0 ] && ! grep -q 'qubes-live-[^ ]*:' "$directory/complaints"
}

# Of these every one gives a service mounts of its own, in which a pool would be seen by nobody else.
shares_mounts () {
  protect='System|Home|Proc|Kernel(Tunables|Modules|Logs)|ControlGroups|Hostname'
  private='Tmp|Devices|Mounts|Network|IPC|Users'
  paths='(ReadWrite|ReadOnly|Inaccessible|Exec|NoExec|Bind|BindReadOnly)Paths|Root(Directory|Image)'
  others='ProcSubset|MountAPIVFS|MountFlags|TemporaryFileSystem|DynamicUser|LoadCredential'
  ! grep -E "^(Protect($protect)|Private($private)|$paths|$others)" "$storage_unit"
}

closed_socket () {
  grep -qx 'SocketMode=0600' "$storage_socket" && grep -qx 'SocketUser=root' "$storage_socket" &&
    grep -qx 'Accept=yes' "$storage_socket"
}

same_unit () {
  grep -qx "SystemdService=$(basename "$unit")" "$bus_service" && grep -qx 'BusName=org.qubes.Live1' "$unit" &&
    grep -qx 'Name=org.qubes.Live1' "$bus_service" &&
    [ "$(sed -n 's/^ExecStart=//p' "$unit")" = "$(sed -n 's/^Exec=//p' "$bus_service")" ]
}

check "polkit policy" xmllint valid_policy
check "bus policy" xmllint xmllint --nonet --noout "$bus_policy"
check "unit" systemd-analyze verified_unit qubes-live-helper.service
check "unit of storage" systemd-analyze verified_unit qubes-live-storage@.service
check "socket of storage" systemd-analyze verified_unit qubes-live-storage.socket
check "unit of storage has the mounts of dom0" grep shares_mounts
check "socket of storage is root's" grep closed_socket
# In tenths, 0 to 100. What is left are the user root, the sockets, and what asking device mapper about keys takes:
# CAP_SYS_ADMIN and one device.
check "unit is confined" systemd-analyze \
  systemd-analyze security --offline=true --threshold=15 --no-pager "$directory/qubes-live-helper.service"
# It cannot be shut out of what it changes for all of dom0.
check "unit of storage is confined" systemd-analyze \
  systemd-analyze security --offline=true --threshold=45 --no-pager "$directory/qubes-live-storage@.service"
check "activation starts the unit" grep same_unit
echo "1..$number"
