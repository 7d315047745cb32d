# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be read by the tests beside it, after tests/ci/tap.sh: a qube to run the real script in. Its root, in place of the
# snapshot on the volatile volume, and its private volume are file systems on loop devices; what the kernel would say of
# Xen's devices is in a /sys of plain files, and what dom0 would say in plain files too. The script sees all this as its
# own root and is the one that is installed, unchanged.
#
# Everything is in the caller's mount namespace and in a tmpfs at $files, so that nothing survives it.

# That of tap.sh is not needed here, and a recursive removal is nothing to have around mounts.
trap - EXIT
# shellcheck disable=SC2154 # tap.sh made it
rmdir "$work"
files=$2
mount -t tmpfs -o mode=0700,size=600M guest-tests "$files" || exit 99

qube=$files/qube
extra=$files/usr
root_image=$files/root.img
mkdir "$qube"

# --- What is installed in the qube ---

init=$extra/lib/qubes/init
mkdir -p "$extra/bin" "$extra/lib/qubes-live" "$init"
cp "$1/data/qube/ephemeral-rw" "$extra/lib/qubes-live/"

# program FILE: an executable, from standard input
program () {
  { echo '#!/bin/sh'; cat; } >"$1"
  chmod 755 "$1"
}

program "$extra/bin/qubesdb-read" <<'END_OF_PROGRAM'
[ -f "/run/qubesdb$1" ] || exit 2
cat "/run/qubesdb$1"
END_OF_PROGRAM

program "$extra/bin/qubesdb-multiread" <<'END_OF_PROGRAM'
cat /run/qubesdb-persist 2>/dev/null
exit 0
END_OF_PROGRAM

program "$extra/bin/systemctl" <<'END_OF_PROGRAM'
grep -qxF -- "$*" /run/systemctl-agrees
END_OF_PROGRAM

# What Qubes' scripts do with /rw at boot, in short; they fail where the real ones fail.
program "$init/setup-rw.sh" <<'END_OF_PROGRAM'
if ! [ -d /rw/config ]; then
  mkdir /rw/config || exit
  echo '#!/bin/sh' >/rw/config/rc.local
fi
[ -d /rw/usrlocal ] || mkdir /rw/usrlocal
exit 0
END_OF_PROGRAM

cat >"$init/functions" <<'END_OF_FUNCTIONS'
initialize_home () {
  [ -d "$1" ] || mkdir "$1" || return 73
  if ! [ -d "$1/user" ] || [ "$2" = unconditionally ]; then
    mkdir -p "$1/user" || return 73
    cp -a /etc/skel/. "$1/user" && chown -R 1000:1000 "$1/user" && chmod 700 "$1/user"
  fi
}
END_OF_FUNCTIONS

program "$init/mount-dirs.sh" <<'END_OF_PROGRAM'
. /usr/lib/qubes/init/functions
set -e
if cmp -s -n 4194304 /dev/xvdb /dev/zero; then
  mkfs.ext4 -q /dev/xvdb
fi
mount /rw
/usr/lib/qubes/init/setup-rw.sh
initialize_home /rw/home ifneeded
END_OF_PROGRAM

program "$init/bind-dirs.sh" <<'END_OF_PROGRAM'
set -e
mkdir -p /rw/bind-dirs
while read -r path; do
  if ! [ -e "/rw/bind-dirs$path" ]; then
    mkdir -p "/rw/bind-dirs${path%/*}"
    cp -a "$path" "/rw/bind-dirs$path"
  fi
  mount --bind "/rw/bind-dirs$path" "$path"
done </etc/bind-dirs
END_OF_PROGRAM

# Stands in for mount, and fails when it is called for the time that is written in /run/mount-fails. With
# /run/mount-interrupts, it ends whoever called it instead, and mounts all the same.
real_mount=$extra/lib/real-mount
cp "$(command -v mount)" "$real_mount"
program "$extra/bin/mount" <<'END_OF_PROGRAM'
if [ -f /run/mount-fails ]; then
  echo >>/run/mount-calls
  if [ "$(wc -l </run/mount-calls)" -eq "$(cat /run/mount-fails)" ]; then
    [ -e /run/mount-interrupts ] || { echo 'mount: made to fail' >&2; exit 32; }
    kill -TERM "$PPID"
  fi
fi
exec /usr/lib/real-mount "$@"
END_OF_PROGRAM

# --- Private volumes ---

# make_image NAME SIZE: a formatted one; its content is what the caller then puts below $files/content
make_image () {
  image=$files/$1.img
  truncate -s "$2" "$image"
  mkfs.ext4 -q -m 0 -J size=4 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$image"
  mkdir -p "$files/content"
  mount -o loop "$image" "$files/content"
}

initialize_content () {
  content=$files/content
  mkdir -p "$content/config" "$content/usrlocal/bin" "$content/home/user/papers" "$content/bind-dirs/var/lib/thing"
  echo 'written in a window' >"$content/home/user/letter"
  echo 'paper' >"$content/home/user/papers/one"
  echo 'kept' >"$content/bind-dirs/var/lib/thing/state"
  chown -R 1000:1000 "$content/home/user"
}

# With no changes waiting in the journal, or with some: then it is what a qube that was killed leaves.
finish_image () {
  umount "$files/content"
}

finish_image_by_a_crash () {
  sync -f "$files/content"
  mkdir "$files/content/home/user/only-in-the-journal"
  # The journal is written, its changes not yet put in their places.
  sync "$files/content/home/user/only-in-the-journal"
  cp --sparse=always "$image" "$image.crashed"
  umount "$files/content"
  mv "$image.crashed" "$image"
}

# --- The qube ---

# start_qube IMAGE ro|rw: with that private volume, and a new root
start_qube () {
  image=$files/$1.img
  rm -f "$root_image"
  truncate -s 96M "$root_image"
  mkfs.ext4 -q -m 0 -O ^has_journal -E lazy_itable_init=1,nodiscard "$root_image"
  root_device=$(losetup --find --show "$root_image") || exit 99
  exec 9<"$root_device"
  if [ "$2" = ro ]; then
    private_device=$(losetup --find --show --read-only "$image") || exit 99
  else
    private_device=$(losetup --find --show "$image") || exit 99
  fi
  exec 8<"$private_device"
  # In use, they are only marked: they detach when nobody has them open any more, also after a crash of this test.
  losetup --detach "$root_device" "$private_device"

  mount "$root_device" "$qube"
  (
    cd "$qube" || exit
    mkdir -p usr dev proc sys run tmp rw home etc/skel var/lib/thing 'var/lib/with space' root
    ln -s usr/bin usr/sbin usr/lib .
    [ -L /lib64 ] && ln -s usr/lib64 .
    cp /etc/ld.so.cache etc/
    ln -s ../proc/self/mounts etc/mtab
    printf 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' >etc/passwd
    echo '/dev/xvdb /rw auto noauto,defaults,discard,nosuid,nodev 1 2' >etc/fstab
    echo '/var/lib/thing' >etc/bind-dirs
    echo 'from the skeleton' >etc/skel/.profile
    echo 'from the template' >var/lib/thing/state
    mount -t overlay -o "lowerdir=$extra:/usr" qube-usr usr
    mount -t tmpfs -o mode=0755 qube-run run
    mount -t tmpfs -o mode=0755 qube-dev dev
    mount -t tmpfs -o mode=0755 qube-sys sys
    mount -t proc proc proc
    mknod dev/null c 1 3
    mknod dev/zero c 1 5
    mknod dev/xvdb b 7 "${private_device#/dev/loop}"
    mkdir -p run/qubes-service run/qubesdb/vm-config sys/block/xvda sys/block/xvdb
    mkdir -p "sys/dev/block/7:${root_device#/dev/loop}/dm" "sys/dev/block/7:${root_device#/dev/loop}/slaves/xvdc2"
    echo 1 >sys/block/xvda/ro
    echo dmroot >"sys/dev/block/7:${root_device#/dev/loop}/dm/name"
    for name in ro size dev; do
      cat "/sys/block/${private_device#/dev/}/$name" >"sys/block/xvdb/$name"
    done
    : >run/qubes-service/ephemeral-rw
  )
}

stop_qube () {
  umount -R "$qube" || exit 99
  exec 8<&- 9<&-
}

in_qube () {
  chroot "$qube" "$@" 8<&- 9<&-
}

# dom0_says KEY VALUE
dom0_says () {
  printf '%s' "$2" >"$qube/run/qubesdb/vm-config/$1"
}

# What qubes-mount-dirs does, and what home.mount, usr-local.mount and qubes-bind-dirs do after it.
mount_dirs () {
  mount_dirs_status=0
  in_qube /usr/lib/qubes/init/mount-dirs.sh >>"$files/log" 2>&1 || mount_dirs_status=$?
}

units_after () {
  in_qube sh -c 'mountpoint -q /home || mount --bind /rw/home /home
    mountpoint -q /usr/local || mount --bind /rw/usrlocal /usr/local' >>"$files/log" 2>&1
  # Of a unit that failed, those that require it are not started.
  if [ "$mount_dirs_status" -eq 0 ]; then
    in_qube /usr/lib/qubes/init/bind-dirs.sh >>"$files/log" 2>&1
  fi
}

# ephemeral_rw [MODE]: prints its exit status
ephemeral_rw () {
  : >"$files/said"
  status=0
  in_qube sh /usr/lib/qubes-live/ephemeral-rw "$@" >"$files/said" 2>&1 || status=$?
  echo "$status"
}

# What it reported, without what every report starts with.
reported () {
  sed 's/^version=1 mode=[a-z-]* //' "$qube/run/qubes-live/ephemeral-rw.status" 2>&1
}

# What is mounted in the qube, in its order; the numbers of mounts differ each time.
mounts () {
  in_qube cut -d ' ' -f 3- /proc/self/mountinfo
}

# Bytes written to the device of the qube's root.
root_written () {
  sync -f "$qube"
  read -r _ _ _ _ _ _ sectors _ <"/sys/block/${root_device#/dev/}/stat"
  echo $((sectors * 512))
}

checksum () {
  sha256sum "$files/$1.img" | cut -d ' ' -f 1
}

# found PATTERN IMAGE
found () {
  grep -qaF "$1" "$2" && echo found || echo 'not found'
}
