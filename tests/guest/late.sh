#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: run SOURCE-ROOT late
#
# The scripts for rc.local, which come when all that is mounted from /rw is mounted.

# shellcheck source=tests/ci/tap.sh
. "$1/tests/ci/tap.sh"
# shellcheck source=tests/guest/qube.sh
. "$1/tests/guest/qube.sh"

source_root=$1
canary=canary-$(cat /proc/sys/kernel/random/uuid)
places='/rw/note /home/user/note /usr/local/note /var/lib/thing/note'

# install VARIANT IMAGE: in a window, by hand
install_variant () {
  mount -o loop "$files/$2.img" "$files/content"
  mkdir -p "$files/content/config/qubes-live" "$files/content/config/rc.local.d"
  cp "$source_root/data/qube/ephemeral-rw" "$files/content/config/qubes-live/"
  cp "$source_root/data/qube/$1" "$files/content/config/rc.local.d/50-qubes-live.rc"
  umount "$files/content"
}

# The last unit of the start. Prints the exit status of the last script.
rc_local () {
  status=0
  for script in "$qube"/rw/config/rc.local.d/*.rc; do
    in_qube "${script#"$qube"}" >"$files/said" 2>&1 || status=$?
  done
  echo "$status"
}

start () {
  start_qube "$1" "$2"
  rm "$qube/run/qubes-service/ephemeral-rw"
  printf 'binds\n' >"$qube/etc/thing.conf"
  printf '/var/lib/thing\n/etc/thing.conf\n/var/lib/with space\n' >"$qube/etc/bind-dirs"
  mount_dirs
  units_after
}

make_image clean 64M
initialize_content
mkdir -p "$content/bind-dirs/etc" "$content/bind-dirs/var/lib/with space"
echo 'kept' >"$content/bind-dirs/etc/thing.conf"
finish_image

# --- Debian and Fedora ---

install_variant rc.local.ephemeral-rw clean
name=/guest/late/clean
before=$(checksum clean)
start clean ro
same $name/qubes-own-start 0 "$mount_dirs_status"
written=$(root_written)
same $name/status 0 "$(rc_local)"
same $name/report 'state=active reason=none private=clean upper=cow upper-size=none warnings=none' "$(reported)"
written=$(($(root_written) - written))
same $name/nothing-copied yes "$([ $written -lt 524288 ] && echo yes || echo $written bytes)"
for place in $places '/var/lib/with space/note' /etc/thing.conf; do
  echo "$canary" >"$qube$place"
  same "$name/writable$place" "$canary" "$(cat "$qube$place")"
done
# What is in two places is one thing, as it was before.
same $name/home-is-rw-home "$canary" "$(cat "$qube/rw/home/user/note")"
same $name/bind-dirs-are-in-rw "$canary" "$(cat "$qube/rw/bind-dirs/etc/thing.conf")"
same $name/lower-is-seen kept "$(cat "$qube/var/lib/thing/state")"
same $name/nosuid-nodev 'rw,nosuid,nodev' "$(in_qube findmnt -n -o VFS-OPTIONS /home | tail -n 1 | cut -d , -f 1-3)"
mounted=$(mounts)
same $name/twice/status 0 "$(rc_local)"
same $name/twice/mounts "$mounted" "$(mounts)"

# A mount that comes from below the overlay afterwards is laid over too.
in_qube umount /home
same $name/again/below 1 "$(in_qube touch /home/user/other 2>/dev/null; echo $?)"
same $name/again/status 0 "$(rc_local)"
same $name/again/writable "$canary" "$(cat "$qube/home/user/note")"
in_qube sh -c 'umount /home && umount /home && umount /rw' 2>>"$files/log"
same $name/unmounted/write 'touch: cannot touch '\''/rw/note'\'': Read-only file system' "$(in_qube touch /rw/note 2>&1)"
in_qube mount -o remount,rw /rw >>"$files/log" 2>&1
same $name/unmounted/remount 32 $?
stop_qube
same $name/canary-in-the-root found "$(found "$canary" "$root_image")"
same $name/canary-in-private 'not found' "$(found "$canary" "$files/clean.img")"
same $name/private-identical "$before" "$(checksum clean)"

name=/guest/late/tmpfs
start clean ro
dom0_says live-upper tmpfs
dom0_says live-upper-size 64M
same $name/status 0 "$(rc_local)"
same $name/report 'state=active reason=none private=clean upper=tmpfs upper-size=64M warnings=none' "$(reported)"
echo "$canary" >"$qube/home/user/note"
stop_qube
same $name/canary-in-the-root 'not found' "$(found "$canary" "$root_image")"
same $name/private-identical "$before" "$(checksum clean)"

# The template has the unit as well: there is nothing left to do.
name=/guest/late/after-early
start_qube clean ro
mount_dirs
same $name/early 0 "$(ephemeral_rw)"
units_after
mounted=$(mounts)
same $name/status 0 "$(rc_local)"
same $name/mounts "$mounted" "$(mounts)"
same $name/report-stays 1 "$(grep -c 'mode=early state=active' "$qube/run/qubes-live/ephemeral-rw.status")"
stop_qube

name=/guest/late/root-writable
start clean ro
echo 0 >"$qube/sys/block/xvda/ro"
mounted=$(mounts)
same $name/status 3 "$(rc_local)"
same $name/report 'state=stood-back reason=root-not-volatile' "$(reported | cut -d ' ' -f 1,2)"
same $name/mounts "$mounted" "$(mounts)"
stop_qube

name=/guest/late/covers-another-mount
start clean ro
in_qube mount -t tmpfs other /home/user/papers
same $name/status 0 "$(rc_local)"
same $name/warns warnings=hidden "$(reported | cut -d ' ' -f 6)"
stop_qube

cp --sparse=always "$files/clean.img" "$files/writable.img"
while read -r what flags status state; do
  name=/guest/late/writable/$what
  start writable rw
  for flag in $(echo "$flags" | tr ',' ' '); do
    : >"$qube/run/qubes-service/$flag"
  done
  mounted=$(mounts)
  same "$name/status" "$status" "$(rc_local)"
  same "$name/mounts" "$mounted" "$(mounts)"
  same "$name/report" "$state" "$([ -e "$qube/run/qubes-live/ephemeral-rw.status" ] && reported | cut -d ' ' -f 1,2)"
  stop_qube
done <<'END_OF_TABLE'
asked ephemeral-rw 3 state=stood-back reason=private-writable
window ephemeral-rw,live-window 0 state=window reason=none
not-asked none 0
END_OF_TABLE

call=0
for wanted in '1 failed' '1 failed' '1 failed' '1 failed' '1 failed' '1 failed' '0 active'; do
  call=$((call + 1))
  name=/guest/late/mount-fails/$call
  start clean ro
  mounted=$(mounts)
  echo $call >"$qube/run/mount-fails"
  same $name/outcome "$wanted" "$(rc_local) $(reported | sed 's/^state=\([a-z]*\) .*/\1/')"
  case $wanted in
    1*) same $name/mounts "$mounted" "$(mounts)" ;;
  esac
  stop_qube
done

# --- Whonix and Kicksecure ---

name=/guest/late/whonix
install_variant rc.local.ephemeral-rw-whonix clean
mkdir -p "$extra/share/applications"
for program in pcmanfm-qt qterminal other; do
  printf '[Desktop Entry]\nExec=%s\nPath=/old\n\n[Desktop Action new]\nExec=x\n' "$program" \
    >"$files/$program.desktop"
done
start clean ro
mkdir -p "$qube/var/lib/canary" "$qube/run/applications"
cp "$files"/*.desktop "$qube/run/applications/"
in_qube mount --bind /run/applications /usr/share/applications
in_qube mount -t tmpfs -o ro sealed /var/lib/canary
for time in once twice; do
  same "$name/$time/status" 0 "$(rc_local)"
  same "$name/$time/writable" 0 "$(in_qube touch /home/user/note; echo $?)"
  for program in pcmanfm-qt qterminal; do
    same "$name/$time/$program" "[Desktop Entry],Path=/home/user,Exec=$program,,[Desktop Action new],Exec=x," \
      "$(tr '\n' , <"$qube/run/applications/$program.desktop")"
  done
  same "$name/$time/other" Path=/old "$(grep Path "$qube/run/applications/other.desktop")"
  same "$name/$time/warns" 'rc.local.ephemeral-rw-whonix: warning: /var/lib/canary cannot be written' \
    "$(grep warning "$files/said")"
done
stop_qube

name=/guest/late/whonix/stands-back
start clean ro
mkdir "$qube/run/applications"
cp "$files"/*.desktop "$qube/run/applications/"
in_qube mount --bind /run/applications /usr/share/applications
echo 0 >"$qube/sys/block/xvda/ro"
same $name/status 3 "$(rc_local)"
same $name/entries 3 "$(grep -l '^Path=/old' "$qube"/run/applications/*.desktop | wc -l)"
stop_qube

# --- The guide's timer ---

name=/guest/late/guest-window
cp --sparse=always "$files/clean.img" "$files/timer.img"
install_variant rc.local.guest-window timer
# uptime: in whole seconds
uptime () {
  cut -d . -f 1 /proc/uptime
}
# closed NAME: waits until the script has reported
closed () {
  end=$(($(uptime) + 20))
  until grep -q 'state=guest-window-closed' "$qube/run/qubes-live/ephemeral-rw.status" 2>/dev/null; do
    [ "$(uptime)" -lt $end ] || break
    sleep 0.05
  done
}
start timer rw
deadline=$(($(uptime) + 2))
dom0_says live-guest-window $deadline
same $name/start-does-not-wait 0 "$(rc_local)"
echo 'in time' >"$qube/home/user/kept"
same $name/open ext4 "$(in_qube findmnt -n -o FSTYPE /rw | tail -n 1)"
# A file that is open for writing keeps the volume writable.
exec 7>"$qube/home/user/open"
closed
same $name/not-before yes "$([ "$(uptime)" -ge $deadline ] && echo yes)"
same $name/report 'state=guest-window-closed reason=none private=writable upper=cow upper-size=none warnings=private-writable' \
  "$(reported)"
echo "$canary" >&7
exec 7>&-
echo 'too late' >"$qube/home/user/lost"
same $name/writable 'too late' "$(cat "$qube/home/user/lost")"
stop_qube
mount -o loop,ro "$files/timer.img" "$files/content"
same $name/kept 'in time' "$(cat "$files/content/home/user/kept")"
same $name/lost missing "$([ -e "$files/content/home/user/lost" ] || echo missing)"
# This is why it is not called a protection.
same $name/open-files-are-still-written "$canary" "$(cat "$files/content/home/user/open")"
umount "$files/content"

while read -r seconds private warnings; do
  name=/guest/late/guest-window/$seconds
  start timer rw
  dom0_says live-guest-window "$seconds"
  same "$name/report" "0 state=guest-window-closed private=$private warnings=$warnings" \
    "$(ephemeral_rw guest-window) $(reported | cut -d ' ' -f 1,3,6)"
  same "$name/writable" 0 "$(in_qube touch /home/user/note; echo $?)"
  in_qube sh -c 'umount /home && umount /rw' 2>>"$files/log"
  same "$name/frozen" 1 "$(in_qube touch /rw/note 2>/dev/null; echo $?)"
  stop_qube
done <<'END_OF_TABLE'
1 remounted none
END_OF_TABLE

# Half-way, the volume is given back as it was: writable. The first call of mount is the one that remounts it.
name=/guest/late/guest-window/undone
start timer rw
dom0_says live-guest-window 1
mounted=$(mounts)
echo 3 >"$qube/run/mount-fails"
same $name/status 1 "$(ephemeral_rw guest-window)"
same $name/mounts "$mounted" "$(mounts)"
same $name/writable 0 "$(in_qube touch /home/user/note; echo $?)"
stop_qube

name=/guest/late/guest-window/customization-window
start timer rw
: >"$qube/run/qubes-service/live-window"
dom0_says live-guest-window 1
same $name/report '0 state=window' "$(ephemeral_rw guest-window) $(reported | cut -d ' ' -f 1)"
stop_qube

# With the volume read-only in dom0 there is no window, but no harm either.
name=/guest/late/guest-window/read-only
start clean ro
dom0_says live-guest-window 1
same $name/report '0 state=active private=clean' "$(ephemeral_rw guest-window) $(reported | cut -d ' ' -f 1,3)"
stop_qube
