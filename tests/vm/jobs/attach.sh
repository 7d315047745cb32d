#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Xen's hotplug script for the disks of verify.sh: tells the kernel which device to open, which is the essence of Xen's
# own /etc/xen/scripts/block. That one starts so many programs that Xen's ten seconds for it do not suffice where each
# takes a tenth of one, as on a machine without hardware virtualisation.

set -eu
[ "$1" = add ] || exit 0
device=$(xenstore-read "$XENBUS_PATH/params")
physical=$(stat -L -c %t:%T "$device")
exec xenstore-write "$XENBUS_PATH/physical-device" "$physical" "$XENBUS_PATH/physical-device-path" "$device" \
  "$XENBUS_PATH/hotplug-status" connected
