#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A job for tests/vm/run: the machine itself, as the other jobs take it for granted.

# shellcheck source=tests/ci/tap.sh
. ./tap.sh

# Not everything has to be up for a job to start; most of it must not have failed.
same '/boot/units' '' "$(systemctl --failed --plain --no-legend)"
same '/boot/root' 'ext4 rw' "$(findmnt -n -o FSTYPE,OPTIONS / | sed 's/^\([^ ]*\) *\([^,]*\),.*/\1 \2/')"
same '/boot/bus' 0 "$(busctl --system status >/dev/null 2>&1; echo $?)"
same '/boot/polkit' 0 "$(busctl --system call org.freedesktop.PolicyKit1 /org/freedesktop/PolicyKit1/Authority \
  org.freedesktop.DBus.Peer Ping >/dev/null 2>&1; echo $?)"
same '/boot/helper-installed' 0 "$(qubes-live --version >/dev/null; echo $?)"
cat /proc/cmdline >results/cmdline
plan
