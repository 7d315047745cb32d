#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: run SOURCE-ROOT early
#
# The real ephemeral-rw at the place of its unit: after qubes-mount-dirs, before the mounts that come from /rw.

# shellcheck source=tests/ci/tap.sh
. "$1/tests/ci/tap.sh"
# shellcheck source=tests/guest/qube.sh
. "$1/tests/guest/qube.sh"

# Not in one piece in this script's process, so that it is only found where it was written.
canary=canary-$(cat /proc/sys/kernel/random/uuid)
places='/rw/note /rw/config/note /home/user/note /usr/local/note /var/lib/thing/note'

active='state=active reason=none'

# sings NAME: writes the canary in all places, and whether it can be read there
sings () {
  for place in $places; do
    echo "$canary" >"$qube$place"
    same "$1/writable$place" "$canary" "$(cat "$qube$place")"
  done
}

# silent NAME IMAGE CHECKSUM: the qube is gone, and its private volume is what it was
silent () {
  same "$1/canary-in-the-root" found "$(found "$canary" "$root_image")"
  same "$1/canary-in-private" 'not found' "$(found "$canary" "$files/$2.img")"
  same "$1/private-identical" "$3" "$(checksum "$2")"
}

# untouched NAME STATUS REPORT: it exits so, says so, and mounts nothing
untouched () {
  mounted=$(mounts)
  same "$1/status" "$2" "$(ephemeral_rw)"
  same "$1/report" "$3" "$(reported)"
  same "$1/mounts" "$mounted" "$(mounts)"
  same "$1/layer" '' "$(ls "$qube/var/lib/qubes-live" 2>/dev/null)"
}

make_image clean 64M
initialize_content
finish_image
make_image dirty 64M
initialize_content
finish_image_by_a_crash
make_image uninitialized 64M
finish_image
truncate -s 64M "$files/unformatted.img"
head -c 16M /dev/urandom >"$files/garbage.img"

# --- A clean volume ---

name=/guest/early/clean
before=$(checksum clean)
start_qube clean ro
mount_dirs
same $name/qubes-own-start 0 "$mount_dirs_status"
same $name/status 0 "$(ephemeral_rw)"
same $name/report "$active private=clean upper=cow upper-size=none warnings=none" "$(reported)"
units_after
sings $name
same $name/lower-is-seen 'written in a window' "$(cat "$qube/home/user/letter")"
same $name/bind-dirs-are-seen kept "$(cat "$qube/var/lib/thing/state")"
# shellcheck disable=SC2086
same $name/in-the-layer "$(echo $places | wc -w)" "$(find "$qube"/var/lib/qubes-live/rw.*/upper -name note | wc -l)"
same $name/layer-is-roots 700 "$(stat -c %a "$qube"/var/lib/qubes-live/rw.*)"
for point in /rw /home /usr/local; do
  same "$name/nosuid-nodev$point" 'rw,nosuid,nodev' \
    "$(in_qube findmnt -n -o VFS-OPTIONS "$point" | tail -n 1 | cut -d , -f 1-3)"
done
same $name/owner "$(stat -c '%u %g %a' "$qube")" "$(stat -c '%u %g %a' "$qube/rw")"
mounted=$(mounts)
reported=$(reported)
same $name/twice/status 0 "$(ephemeral_rw)"
same $name/twice/mounts "$mounted" "$(mounts)"
same $name/twice/report "$reported" "$(reported)"
same $name/twice/content "$canary" "$(cat "$qube/home/user/note")"
in_qube umount /var/lib/thing /usr/local /home /rw
same $name/unmounted/type ext4 "$(in_qube findmnt -n -o FSTYPE /rw)"
same $name/unmounted/lower 'written in a window' "$(cat "$qube/rw/home/user/letter")"
same $name/unmounted/write 'touch: cannot touch '\''/rw/note'\'': Read-only file system' \
  "$(in_qube touch /rw/note 2>&1)"
in_qube mount -o remount,rw /rw >>"$files/log" 2>&1
same $name/unmounted/remount 32 $?
same $name/unmounted/write-after-remount 1 "$(in_qube touch /rw/note 2>/dev/null; echo $?)"
stop_qube
silent $name clean "$before"

# --- Volumes with which Qubes' own start fails ---

while read -r kind warnings; do
  name=/guest/early/$kind
  before=$(checksum "$kind")
  start_qube "$kind" ro
  mount_dirs
  same "$name/qubes-own-start-fails" yes "$([ "$mount_dirs_status" -ne 0 ] && echo yes)"
  same "$name/status" 0 "$(ephemeral_rw)"
  report=$kind
  [ "$kind" = dirty ] && report=journal
  same "$name/report" "$active private=$report upper=cow upper-size=none warnings=$warnings" "$(reported)"
  units_after
  sings "$name"
  if [ "$kind" = dirty ]; then
    same "$name/lower-is-seen" 'written in a window' "$(cat "$qube/home/user/letter")"
    same "$name/bind-dirs" kept "$(cat "$qube/var/lib/thing/state")"
    same "$name/only-in-the-journal" missing "$([ -d "$qube/home/user/only-in-the-journal" ] || echo missing)"
  else
    same "$name/skeleton" 'from the skeleton' "$(cat "$qube/home/user/.profile")"
    same "$name/home" '1000 1000 700' "$(stat -c '%u %g %a' "$qube/home/user")"
    same "$name/rc.local" '#!/bin/sh' "$(cat "$qube/rw/config/rc.local")"
    same "$name/bind-dirs" 'from the template' "$(cat "$qube/rw/bind-dirs/var/lib/thing/state")"
  fi
  stop_qube
  silent "$name" "$kind" "$before"
done <<'END_OF_TABLE'
dirty journal
uninitialized none
unformatted none
END_OF_TABLE

name=/guest/early/garbage
before=$(checksum garbage)
start_qube garbage ro
untouched $name 1 'state=failed reason=private-unreadable private=unknown upper=cow upper-size=none warnings=none'
stop_qube
same $name/private-identical "$before" "$(checksum garbage)"

# Without systemd, Qubes mounts /home and /usr/local as soon as it has mounted /rw.
name=/guest/early/mounted-already
start_qube clean ro
mount_dirs
in_qube mount --bind /rw/home /home
in_qube mount --bind /rw/usrlocal /usr/local
same $name/status 0 "$(ephemeral_rw)"
same $name/report "$active private=clean upper=cow upper-size=none warnings=none" "$(reported)"
units_after
sings $name
stop_qube

# All directories are there, but qubes-mount-dirs failed, say at a home of a user who is new in the template: systemd
# then does not start qubes-bind-dirs.
name=/guest/early/unit-failed
start_qube clean ro
mount_dirs
mount_dirs_status=1
in_qube mount --bind /rw/home /home
mkdir -p "$qube/run/systemd/system"
echo 'is-failed --quiet qubes-mount-dirs.service' >"$qube/run/systemctl-agrees"
same $name/status 0 "$(ephemeral_rw)"
same $name/report "$active private=clean upper=cow upper-size=none warnings=none" "$(reported)"
same $name/home-mounted-once 1 "$(mounts | grep ' /home ' | grep -c qubes-live-rw)"
same $name/bind-dirs kept "$(cat "$qube/var/lib/thing/state")"
units_after
sings $name
stop_qube

# What is not to be kept in /home and /usr/local, by the qube's settings, is not mounted there.
name=/guest/early/custom-persist
start_qube unformatted ro
: >"$qube/run/qubes-service/custom-persist"
echo 'docs = /home/user/docs' >"$qube/run/qubesdb-persist"
mount_dirs
same $name/status 0 "$(ephemeral_rw)"
same $name/home-not-mounted 'from the skeleton' "$(cat "$qube/home/user/.profile")"
same $name/not-mounted 32,32 "$(in_qube mountpoint -q /home; echo $?),$(in_qube mountpoint -q /usr/local; echo $?)"
same $name/told-systemd 2 "$(find "$qube/run/qubes" -name 'disable_persistent_*_dir' | wc -l)"
stop_qube

# --- When it stands back ---

nothing='upper=cow upper-size=none warnings=none'
name=/guest/early/writable
start_qube clean rw
mount_dirs
untouched $name 3 "state=stood-back reason=private-writable private=writable $nothing"
stop_qube

name=/guest/early/window
start_qube clean rw
: >"$qube/run/qubes-service/live-window"
mount_dirs
untouched $name 0 "state=window reason=none private=writable $nothing"
same $name/says-one-line 1 "$(wc -l <"$files/said")"
same $name/does-not-warn 0 "$(grep -c warning "$files/said")"
stop_qube

# A disposable has its template's features, that flag among them.
name=/guest/early/window-inherited
start_qube clean ro
: >"$qube/run/qubes-service/live-window"
mount_dirs
same $name/status 0 "$(ephemeral_rw)"
same $name/report "$active private=clean $nothing" "$(reported)"
stop_qube

name=/guest/early/not-asked
start_qube clean ro
rm "$qube/run/qubes-service/ephemeral-rw"
mount_dirs
before=$(mounts)
same $name/status 0 "$(ephemeral_rw)"
same $name/mounts "$before" "$(mounts)"
stop_qube

name=/guest/early/no-private
start_qube clean ro
rm -r "$qube/sys/block/xvdb"
untouched $name 3 "state=stood-back reason=private-missing private=unknown $nothing"
stop_qube

name=/guest/early/rw-in-use
start_qube clean ro
in_qube mount -t tmpfs other /rw
untouched $name 3 "state=stood-back reason=rw-in-use private=unknown $nothing"
stop_qube

name=/guest/early/usage
start_qube clean ro
same $name/unknown 2 "$(ephemeral_rw never)"
same $name/two 2 "$(ephemeral_rw early early)"
stop_qube

# --- A root that is not on the volatile volume ---

while read -r what command; do
  name=/guest/early/root-$what
  start_qube clean ro
  (cd "$qube/sys" && sh -c "$command")
  mount_dirs
  untouched "$name" 3 "state=stood-back reason=root-not-volatile private=unknown $nothing"
  dom0_says live-upper tmpfs
  same "$name/tmpfs/status" 0 "$(ephemeral_rw)"
  same "$name/tmpfs/report" "$active private=clean upper=tmpfs upper-size=50% warnings=root-not-volatile" "$(reported)"
  stop_qube
done <<'END_OF_TABLE'
writable echo 0 >block/xvda/ro
unknown rm block/xvda/ro
plain rm -r dev/block/*/dm
other-mapping for file in dev/block/*/dm/name; do echo home >$file; done
elsewhere for slave in dev/block/*/slaves/xvdc2; do mv $slave ${slave%xvdc2}xvdb; done
END_OF_TABLE

# --- A layer in memory ---

name=/guest/early/tmpfs
before=$(checksum clean)
start_qube clean ro
dom0_says live-upper tmpfs
dom0_says live-upper-size 32M
mount_dirs
same $name/status 0 "$(ephemeral_rw)"
same $name/report "$active private=clean upper=tmpfs upper-size=32M warnings=none" "$(reported)"
places='/rw/note /home/user/note'
units_after
sings $name
same $name/size "$((32 << 20))" "$(($(stat -f -c '%b * %S' "$qube/run/qubes-live/upper")))"
same $name/unswappable yes "$(in_qube findmnt -n -o OPTIONS /run/qubes-live/upper | grep -qw noswap && echo yes)"
same $name/nobody-elses 700 "$(stat -c %a "$qube/run/qubes-live/upper")"
same $name/full 'No space left on device' \
  "$(in_qube dd if=/dev/zero of=/home/user/much bs=1M count=40 2>&1 | grep -o 'No space left on device')"
stop_qube
same $name/canary-in-the-root 'not found' "$(found "$canary" "$root_image")"
same $name/private-identical "$before" "$(checksum clean)"

name=/guest/early/tmpfs-unformatted
start_qube unformatted ro
dom0_says live-upper tmpfs
mount_dirs
same $name/status 0 "$(ephemeral_rw)"
sings $name
stop_qube
same $name/canary-in-the-root 'not found' "$(found "$canary" "$root_image")"

while read -r size wanted warnings; do
  start_qube clean ro
  dom0_says live-upper tmpfs
  dom0_says live-upper-size "$size"
  mount_dirs
  same "/guest/early/size/$size" "0 $active private=clean upper=tmpfs upper-size=$wanted warnings=$warnings" \
    "$(ephemeral_rw) $(reported)"
  stop_qube
done <<'END_OF_TABLE'
16M 16M none
16384K 16384K none
1G 1G none
1% 1% none
90% 90% none
91% 50% bad-upper-size
0% 50% bad-upper-size
100% 50% bad-upper-size
15M 50% bad-upper-size
0G 50% bad-upper-size
-1G 50% bad-upper-size
1g 50% bad-upper-size
1T 50% bad-upper-size
1.5G 50% bad-upper-size
1073741824 50% bad-upper-size
9999999G 50% bad-upper-size
1G,mode=0777 50% bad-upper-size
$(id) 50% bad-upper-size
% 50% bad-upper-size
* 50% bad-upper-size
END_OF_TABLE

while read -r wish wanted; do
  start_qube clean ro
  dom0_says live-upper "$wish"
  mount_dirs
  same "/guest/early/upper/$wish" "0 $active private=clean upper=$wanted" \
    "$(ephemeral_rw) $(reported)"
  stop_qube
done <<'END_OF_TABLE'
cow cow upper-size=none warnings=none
tmpfs tmpfs upper-size=50% warnings=none
disk cow upper-size=none warnings=bad-upper
tmpfs,exec cow upper-size=none warnings=bad-upper
END_OF_TABLE

# --- A large home ---

name=/guest/early/large
make_image large 3G
initialize_content
fallocate -l 2G "$files/content/home/user/film"
mkdir "$files/content/home/user/many"
number_of_files=0
while [ "$number_of_files" -lt 1000 ]; do
  number_of_files=$((number_of_files + 1))
  head -c 8192 /dev/zero | tr '\0' x >"$files/content/home/user/many/$number_of_files"
done
finish_image
start_qube large ro
mount_dirs
before=$(root_written)
same $name/status 0 "$(ephemeral_rw)"
units_after
# Bitmaps, inodes and a few directories: far below the 8 MiB of the small files alone.
written=$(($(root_written) - before))
same "$name/nothing-copied" yes "$([ "$written" -lt 1048576 ] && echo yes || echo "$written bytes")"
same $name/complete 1000 "$(find "$qube/home/user/many" -type f | wc -l)"
same $name/size "$((2 << 30))" "$(stat -c %s "$qube/home/user/film")"
before=$(root_written)
in_qube mv -T /home/user/many /home/user/renamed
written=$(($(root_written) - before))
same "$name/renaming-copies-nothing" yes "$([ "$written" -lt 1048576 ] && echo yes || echo "$written bytes")"
same $name/renamed 1000 "$(find "$qube/home/user/renamed" -type f | wc -l)"
stop_qube
rm "$files/large.img"

# --- Failures ---

# fails_at KIND UPPER CALL [interrupts]: a start at which that call of mount fails, or is interrupted, and what comes of
# it: …-left means that something is there that was not before
fails_at () {
  start_qube "$1" ro
  dom0_says live-upper "$2"
  mount_dirs
  mounted=$(mounts)
  echo "$3" >"$qube/run/mount-fails"
  [ "${4-}" != interrupts ] || : >"$qube/run/mount-interrupts"
  status=$(ephemeral_rw)
  outcome=$(reported | sed 's/^state=\([a-z-]*\) .*warnings=/\1,/')
  if [ "$status" -ne 0 ]; then
    [ "$mounted" = "$(mounts)" ] || outcome=$outcome,mounts-left
    [ -z "$(find "$qube"/var/lib/qubes-live/* "$qube/run/qubes-live/upper" 2>/dev/null)" ] || outcome=$outcome,layer-left
  fi
  [ "$(wc -l <"$qube/run/mount-calls")" -ge "$3" ] || outcome=$outcome,no-such-call
  echo "$status,$outcome"
  stop_qube
}

# Each mount that each kind of start does, and one more, so that none is forgotten here. The first two that are tried on
# a volume with a waiting journal, or without a file system, fail by themselves; of the bind-dirs one only warns.
while read -r kind upper outcomes; do
  call=0
  for wanted in $outcomes; do
    call=$((call + 1))
    same "/guest/early/mount-fails/$kind/$upper/$call" "$wanted" "$(fails_at "$kind" "$upper" $call)"
  done
done <<'END_OF_TABLE'
clean cow 1,failed,none 0,active,none,no-such-call
clean tmpfs 0,active,swap 1,failed,none 0,active,none,no-such-call
uninitialized cow 1,failed,none 1,failed,none 1,failed,none 0,active,bind-dirs 0,active,none,no-such-call
dirty cow 0,active,journal 1,failed,none 1,failed,journal 1,failed,journal 1,failed,journal 0,active,journal,bind-dirs 0,active,journal,no-such-call
unformatted tmpfs 0,active,none 0,active,none 0,active,swap 1,failed,none 1,failed,none 1,failed,none 0,active,bind-dirs 0,active,none,no-such-call
END_OF_TABLE

for call in 3 4 5; do
  same "/guest/early/interrupted/$call" 1,failed,none "$(fails_at unformatted cow $call interrupts)"
done

name=/guest/early/root-full
start_qube clean ro
mount_dirs
in_qube dd if=/dev/zero of=/much bs=1M status=none 2>/dev/null
in_qube dd if=/dev/zero of=/more bs=1024 status=none 2>/dev/null
before=$(mounts)
same $name/status 1 "$(ephemeral_rw)"
same $name/report 'state=failed reason=no-layer' "$(reported | cut -d ' ' -f 1,2)"
same $name/mounts "$before" "$(mounts)"
stop_qube
