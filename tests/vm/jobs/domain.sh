# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be read by the jobs that have a real domain, after tap.sh: that domain's disks, the simulated qubesd whose qube app1
# it is, and what the helper says of it. domid is the domain's, while there is one.

qube=app1
backend=/local/domain/0/backend/vbd
xvda=51712
xvdb=51728
xvdc=51744
domid=

die () {
  echo "Bail out! $*"
  exit 1
}

# eventually WANTED COMMAND...: asks until the answer is right, or two minutes are over, of which a busy host may take
# most; prints the last answer
eventually () {
  wanted=$1
  shift
  end=$(($(date +%s) + 120))
  while :; do
    answer=$("$@" 2>&1)
    if [ "$answer" = "$wanted" ] || [ "$(date +%s)" -ge "$end" ]; then
      break
    fi
    sleep 0.5
  done
  printf '%s\n' "$answer"
}

# becomes NAME WANTED COMMAND...
becomes () {
  name=$1
  wanted=$2
  shift 2
  same "$name" "$wanted" "$(eventually "$wanted" "$@")"
}

node () {
  xenstore-read "$backend/$domid/$1/$2"
}

# The device that really is behind a disk of the domain, as in /sys/dev/block.
behind () {
  physical=$(node "$1" physical-device)
  printf '%d:%d\n' "0x${physical%:*}" "0x${physical#*:}"
}

connection () {
  echo "$(node "$1" hotplug-status) $(node "$1" state)"
}

# What dom0 knows of one disk: how it is attached, whether its device can be written, and what that is.
facts () {
  vdev=$1
  device=/sys/dev/block/$(behind "$vdev")
  kind=$(cat "$device/dm/uuid" 2>/dev/null || basename "$(readlink "$device")" | tr -d '0-9')
  echo "$(node "$vdev" mode) ro=$(cat "$device/ro") $kind"
}

# What the helper says of the qube.
verdict () {
  qubes-live status --json >status.json && jq -r --arg name "$qube" \
    '.qubes[] | select(.name == $name) | .evidence + " " + .persistence' status.json
}

reasons () {
  jq -r --arg name "$qube" '.qubes[] | select(.name == $name) | [.reasons[].code] | join(" ")' status.json
}

# told NAME EVIDENCE PERSISTENCE: waits for the verdict and keeps what goes with it
told () {
  becomes "$1" "$2 $3" verdict
  echo "#   reasons: $(reasons); indicator: $(jq -r .indicator.state status.json)"
  cp status.json "results/status-$(basename "$1").json"
}

# What the helper says of the qube, and of which volumes.
accusation () {
  qubes-live status --json >status.json && jq -r --arg name "$qube" '.qubes[] | select(.name == $name) |
    .evidence + ([.reasons[] | select(.parameters.volume) | " " + .code + ":" + .parameters.volume] | join(""))' \
    status.json
}

# accused NAME EVIDENCE CODE:VOLUME: and what the shield shows is neither live nor ephemeral
accused () {
  becomes "$1" "$2 $3" accusation
  case $(jq -r .indicator.state status.json) in
    live|live-leaky|ephemeral) same "$1/indicator" 'no promise' 'a promise' ;;
    *) same "$1/indicator" 'no promise' 'no promise' ;;
  esac
  echo "#   says: $(verdict); reasons: $(reasons); indicator: $(jq -r .indicator.state status.json)"
  cp status.json "results/status-$(basename "$1").json"
}

# disk DEVICE NAME ro|rw: as xl wants it described
disk () {
  echo "format=raw,vdev=$2,access=$3,script=$PWD/attach.sh,target=$1"
}

# throw_away DEVICE NAME: under a key that nobody ever sees
throw_away () {
  cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 512 --key-file /dev/urandom "$1" "$2" ||
    die "cryptsetup open $2"
}

# dom0_is_there NAME: Xen, and what dom0 asks it by
dom0_is_there () {
  [ "$(cat /proc/xen/capabilities 2>/dev/null)" = control_d ] || modprobe xenfs 2>/dev/null
  [ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen
  same "$1/dom0" control_d "$(cat /proc/xen/capabilities)"
  becomes "$1/xenstored" 0 sh -c 'xenstore-read /local/domain/0/domid'
}

control () {
  ./qubes-live-dom0 --ctl "$PWD/control" "$@"
}

start_qubesd () {
  ./qubes-live-dom0 --socket /run/qubesd.sock --control "$PWD/control" >dom0.log 2>&1 &
  qubesd=$!
  [ "$(eventually ready cat dom0.log)" = ready ] || die "the simulated dom0 does not start"
}
