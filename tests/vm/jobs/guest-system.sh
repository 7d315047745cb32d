#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# /sbin/init of guest.sh's domain: what Qubes' units do at boot, in their order, the real unit among them, and then
# somebody who writes files in the home, and who wants to reach the private volume by all means. What dom0 says comes by
# the kernel's command line: service.NAME, vm-config.KEY=VALUE, marker=TEXT for what is to be written, and write-root if
# it shall be written to the root, too.
#
# Prints what came of it as lines of "guest: NAME VALUE" on the console, and waits there for a line, to power off.

export PATH=/usr/sbin:/usr/bin LC_ALL=C
exec </dev/hvc0 >/dev/hvc0 2>&1
stty -echo -opost
marker=
write_root=no

say () {
  echo "guest: $*"
}

# attempt NAME COMMAND...: says "ok", or why not
attempt () {
  name=$1
  shift
  if "$@" >/run/complaint 2>&1; then
    say "$name ok"
  else
    say "$name $(sed 's/.*: //; s/\.$//; q' /run/complaint)"
  fi
}

# unit_says KEY: of the real unit
unit_says () {
  sed -n "s/^$1=//p" /usr/lib/systemd/system/qubes-ephemeral-rw.service
}

# type_of PATH: of what is mounted there, on top
type_of () {
  findmnt -n -o FSTYPE --target "$1" | tail -n 1
}

# units FILE: how often the marker is read there
units () {
  grep -cF "$marker" "$1"
}

# overwrite DEVICE
overwrite () {
  dd if=/run/units of="$1" bs=4096 conv=notrunc,fsync
}

# --- Qubes' units, in their order ---

mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
mkdir -p /run/qubes-service
read -r words </proc/cmdline
for word in $words; do
  case $word in
    service.*) : >"/run/qubes-service/${word#service.}" ;;
    marker=*) marker=${word#marker=} ;;
    write-root) write_root=yes ;;
  esac
done
if [ -b /dev/xvdc1 ]; then
  attempt swap sh -c 'mkswap /dev/xvdc1 && swapon /dev/xvdc1'
fi
say "root-device $(dmsetup table dmroot | cut -d ' ' -f 3)"

# qubes-mount-dirs; it fails where the journal has to be replayed.
attempt mount-dirs mount /rw

# qubes-ephemeral-rw
status=skipped
if [ -e "$(unit_says ConditionPathExists)" ]; then
  status=0
  command=$(unit_says ExecStart)
  $command || status=$?
fi
say "status $status"
say "report $(cat /run/qubes-live/ephemeral-rw.status)"

# home.mount and usr-local.mount, which are content with a mount that is there
mountpoint -q /home || mount --bind /rw/home /home
mountpoint -q /usr/local || mount --bind /rw/usrlocal /usr/local
say "home-is $(type_of /home)"

# --- Somebody writes ---

say "letter $(head -n 1 /home/user/letter)"
yes "$marker" | head -c 8388608 >/run/units
attempt write cp /run/units /home/user/canary
attempt append sh -c "echo '$marker' >>/home/user/letter"
attempt install cp /home/user/letter /usr/local/bin/letter
if [ "$write_root" = yes ]; then
  attempt write-root cp /run/units /root/canary
fi
sync
echo 3 >/proc/sys/vm/drop_caches
for file in /home/user/canary /home/user/letter /usr/local/bin/letter /root/canary; do
  [ ! -e "$file" ] || say "read-back$file $(units "$file")"
done

# --- And wants to reach the private volume ---

if [ "$(type_of /rw)" = overlay ]; then
  attempt umount umount /usr/local /home /rw
  say "below $(type_of /rw)"
  say "letter-below $(head -n 1 /rw/home/user/letter)"
  attempt write-below cp /run/units /rw/home/user/canary
  attempt remount mount -o remount,rw /rw
  attempt write-remounted cp /run/units /rw/home/user/canary
  attempt umount-below umount /rw
  attempt mount-writable mount -t ext4 -o rw /dev/xvdb /rw
  attempt write-writable cp /run/units /rw/home/user/canary
  for disk in xvda xvdb; do
    attempt overwrite-$disk overwrite /dev/$disk
    attempt setrw-$disk blockdev --setrw /dev/$disk
    attempt overwrite-$disk-setrw overwrite /dev/$disk
  done
fi

say waiting
read -r _
exec busybox poweroff -f
