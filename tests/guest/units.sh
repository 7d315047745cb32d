#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: units.sh SOURCE-ROOT
#
# The unit among those of Qubes, as systemd sees them: in which order they come, and whether that leads round in a circle.
# Theirs are written down here with their orderings and requirements, and do nothing.

# shellcheck source=tests/ci/tap.sh
. "$1/tests/ci/tap.sh"
unit=$1/data/qube/qubes-ephemeral-rw.service
units=$work/units
wants=$units/multi-user.target.wants

if ! command -v systemd-analyze >/dev/null; then
  echo '1..0 # SKIP there is no systemd-analyze'
  exit 0
fi

mkdir -p "$wants" "$units/sysinit.target.wants"

# qubes NAME DIRECTIVE...: one of their units; its first word after the name says by which target it is wanted
qubes () {
  file=$units/$1
  wanted_by=$2
  shift 2
  {
    echo '[Unit]'
    printf '%s\n' "$@"
    case $file in
      *.service) printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' ;;
    esac
  } >"$file"
  [ "$wanted_by" = none ] || ln -s "../${file##*/}" "$units/$wanted_by.target.wants/"
}

early='DefaultDependencies=no'
qubes qubes-db.service none $early
qubes qubes-sysinit.service sysinit $early 'Before=sysinit.target' 'After=systemd-modules-load.service qubes-db.service' \
  'Requires=qubes-db.service'
qubes qubes-mount-dirs.service multi-user $early 'After=qubes-sysinit.service' \
  'Before=local-fs.target rw.mount usr-local.mount home.mount qubes-gui-agent.service'
qubes qubes-relabel-root.service multi-user $early 'After=qubes-sysinit.service' 'Requires=qubes-sysinit.service' \
  'Before=qubes-bind-dirs.service local-fs.target rw.mount home.mount qubes-gui-agent.service'
qubes qubes-relabel-rw.service multi-user $early \
  'After=qubes-mount-dirs.service qubes-sysinit.service qubes-relabel-root.service' \
  'Requires=qubes-mount-dirs.service qubes-sysinit.service qubes-relabel-root.service' \
  'Before=local-fs.target rw.mount home.mount qubes-gui-agent.service'
qubes qubes-bind-dirs.service multi-user $early \
  'After=qubes-mount-dirs.service local-fs.target rw.mount home.mount usr-local.mount' \
  'Before=qubes-gui-agent.service systemd-tmpfiles-setup.service' \
  'Requires=qubes-mount-dirs.service home.mount usr-local.mount'
qubes qubes-early-vm-config.service sysinit $early 'Wants=network-pre.target' \
  'Before=sysinit.target network-pre.target' 'After=local-fs.target qubes-db.service'
qubes qubes-gui-agent.service multi-user
qubes qubes-misc-post.service multi-user 'After=network-pre.target qubes-bind-dirs.service'
printf '[Mount]\nWhat=/dev/xvdb\nWhere=/rw\nOptions=noauto,nosuid,nodev\n' >"$units/rw.mount"
printf '[Mount]\nWhat=/rw/home\nWhere=/home\nType=none\nOptions=noauto,bind\n' >"$units/home.mount"
printf '[Mount]\nWhat=/rw/usrlocal\nWhere=/usr/local\nType=none\nOptions=noauto,bind\n' >"$units/usr-local.mount"

install_unit () {
  sed "s,/usr/lib/qubes-live/ephemeral-rw,$1," "$unit" >"$units/qubes-ephemeral-rw.service"
}

verify () {
  env SYSTEMD_UNIT_PATH="$units:" SYSTEMD_LOG_LEVEL=warning \
    systemd-analyze verify --man=no "$units/multi-user.target" "$units"/qubes-*.service >"$work/complaints" 2>&1
  status=$?
  # Also about units of the machine that this runs on.
  complaints=$(grep -iE 'qubes-|rw\.mount|home\.mount|local\.mount|cycle' "$work/complaints")
  echo "$status $complaints"
}

printf '[Unit]\nDescription=Multi-User System\nRequires=basic.target\nAfter=basic.target\n' >"$units/multi-user.target"
ln -s ../qubes-ephemeral-rw.service "$wants/"
install_unit "$1/data/qube/ephemeral-rw"
same /guest/units/verify '0 ' "$(verify)"

# That a circle would have been seen.
echo 'Before=qubes-mount-dirs.service' >"$work/circle"
sed -i '/^\[Unit\]/r '"$work/circle" "$units/qubes-ephemeral-rw.service"
verify >/dev/null
same /guest/units/a-circle-is-seen yes "$(grep -q 'ordering cycle' "$work/complaints" && echo yes)"
install_unit "$1/data/qube/ephemeral-rw"

# directive NAME: its words, one a line
directive () {
  sed -n "s/^$1=//p" "$unit" | tr ' ' '\n'
}

for other in qubes-sysinit.service qubes-mount-dirs.service qubes-relabel-rw.service; do
  same "/guest/units/after/$other" "$other" "$(directive After | grep -xF "$other")"
done
for other in rw.mount home.mount usr-local.mount qubes-bind-dirs.service local-fs.target; do
  same "/guest/units/before/$other" "$other" "$(directive Before | grep -xF "$other")"
done
# It has to run when qubes-mount-dirs fails.
same /guest/units/requires-nothing '' "$(grep -E '^(Requires|BindsTo|Requisite)=' "$unit")"
same /guest/units/condition /run/qubes-service/ephemeral-rw "$(directive ConditionPathExists)"
# Any of these would give it mounts of its own, and nobody else would see the overlay.
same /guest/units/mounts-for-everybody '' \
  "$(grep -E '^(Private(Tmp|Devices|Mounts|Users|Network)|Protect|ReadOnly|ReadWrite|Inaccessible|Bind|TemporaryFileSystem|Root|DynamicUser)' "$unit")"
plan
