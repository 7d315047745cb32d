#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The first program of guest.sh's domain, in its initramfs: makes the root as the initramfs of a qube does. With a
# read-only xvda it is a snapshot whose changes go to the second part of xvdc, the first part being swap; with a writable
# one it is xvda itself. It is called dmroot both times. Here the parts are smaller, and xvda has none. Runs in busybox.

/bin/busybox --install -s /bin
export PATH=/bin

give_up () {
  echo "guest: bail $*" >/dev/hvc0
  poweroff -f
}

mkdir -p /proc /sys /dev /new
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do
  insmod "/modules/$module" || give_up "$module cannot be loaded"
done </modules/order
tries=100
for disk in xvda xvdb xvdc; do
  until [ -b "/dev/$disk" ]; do
    [ $((tries -= 1)) -gt 0 ] || give_up "$disk does not come"
    sleep 0.1
  done
done

swap=32768 # sectors, as all of these
size=$(cat /sys/block/xvda/size)
if [ "$(cat /sys/block/xvda/ro)" = 1 ]; then
  start=$((2048 + swap))
  { addpart /dev/xvdc 1 2048 $swap && addpart /dev/xvdc 2 $start $(($(cat /sys/block/xvdc/size) - start)); } ||
    give_up "xvdc cannot be parted"
  table="0 $size snapshot /dev/xvda /dev/xvdc2 N 16"
else
  table="0 $size linear /dev/xvda 0"
fi
dmsetup create --noudevrules --noudevsync dmroot --table "$table" || give_up "no dmroot"
# There is no udev to call it by its name.
mount -t ext4 /dev/dm-0 /new || give_up "dmroot cannot be mounted"
mount -o move /proc /new/proc
mount -o move /sys /new/sys
mount -o move /dev /new/dev
exec switch_root /new /sbin/init
