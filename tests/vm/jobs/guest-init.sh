#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole system of the domain that plays a qube: it writes its mark to every disk that lets it, over and over, so
# that dom0 can see where writes really end. Runs in busybox.

busybox=/bin/busybox
$busybox mount -t devtmpfs devtmpfs /dev
$busybox insmod /xen-blkfront.ko
while :; do
  for device in xvda xvdb xvdc; do
    if [ -b "/dev/$device" ]; then
      $busybox dd if=/mark of="/dev/$device" bs=4096 conv=fsync,notrunc 2>/dev/null
    fi
  done
  $busybox sleep 1
done
