#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A job for tests/vm/run, beside tap.sh: the installed storage program under its own socket and unit, with a real device
# mapper. What can be tested without one is in tests/storage/.

# shellcheck source=tests/ci/tap.sh
. ./tap.sh

socket=/run/qubes-live/storage.sock
program=$(ls /usr/libexec/qubes-live/qubes-live-storage /usr/local/libexec/qubes-live/qubes-live-storage 2>/dev/null)
pools=/run/qubes-live/pools
backing=/var/lib/pool.img
mapping=qubes-live-secret@crypt
MiB=1048576

# ask REQUEST: the last line of the answer
ask () {
  printf '%s\n' "$1" | socat -t 120 - "UNIX-CONNECT:$socket" | tail -n 1
}

# error REQUEST: the name of the error, or what it was instead
error () {
  ask "$1" | jq -r '.error // .'
}

# ok REQUEST
ok () {
  ask "$1" | jq -r 'if .ok then "ok" else .error + ": " + .message end'
}

state () {
  ask '{"do":"list"}' | jq -r --arg name "$1" '.ok.pools[] | select(.name == $name) | .state'
}

# Whatever a pool can leave behind, in one line.
left () {
  echo "mounts=$(grep -c " $pools/" /proc/1/mountinfo)" \
    "mappings=$(dmsetup ls --target crypt | grep -c '@crypt')" \
    "loops=$(losetup --list --noheadings | grep -c /var/lib/)" \
    "zram=$(cat /sys/block/zram*/initstate | grep -c 1)" \
    "devices=$(find /sys/block -name 'zram*' | wc -l)" \
    "records=$(find /run/qubes-live/storage -name '*.json*' | wc -l)" \
    "points=$(find $pools -mindepth 1 | wc -l)" \
    "backing=$(find /var/lib -maxdepth 1 -name 'pool*' | wc -l)"
}

# Counts a text in a file or a device, also in the middle of a line and of a block.
count () {
  grep -a -o -F -- "$1" "$2" | wc -l
}

systemctl start qubes-live-storage.socket
same '/pool/socket' 'root root 600' "$(stat -c '%U %G %a' $socket)"
budget=$(ask '{"do":"budget"}')
echo "# $budget"
same '/pool/budget' 'true true true' "$(echo "$budget" | jq -r '.ok | "\(.zram.available) \(.xfs) \(.["dm-crypt"])"')"
nothing=$(left)
echo "# $nothing"

# RAM, in the mounts that everybody in dom0 sees.
same '/pool/zram/create' ok "$(ok "{\"do\":\"create-zram\",\"name\":\"ram\",\"size\":$((300 * MiB))}")"
same '/pool/zram/mounted' 1 "$(grep -c " $pools/ram .* xfs /dev/zram" /proc/1/mountinfo)"
same '/pool/zram/algorithm' "$(echo "$budget" | jq -r .ok.zram.best)" \
  "$(ask '{"do":"list"}' | jq -r '.ok.pools[0].algorithm')"
touch $pools/ram/held
tail -f $pools/ram/held &
holder=$!
same '/pool/zram/in-use' "InUse $holder tail" \
  "$(ask '{"do":"destroy","name":"ram"}' | jq -r '"\(.error) \(.holders[0].pid) \(.holders[0].name)"')"
kill "$holder"
wait "$holder"
dd if=/dev/zero of=$pools/ram/swap bs=1M count=16 status=none
chmod 600 $pools/ram/swap
mkswap $pools/ram/swap >/dev/null
swapon $pools/ram/swap
same '/pool/zram/swap' "InUse swap $pools/ram/swap" \
  "$(ask '{"do":"destroy","name":"ram"}' | jq -r '"\(.error) \(.holders[0].name)"')"
swapoff $pools/ram/swap
same '/pool/zram/grow' ok "$(ok "{\"do\":\"resize\",\"name\":\"ram\",\"size\":$((400 * MiB))}")"
same '/pool/zram/destroy' ok "$(ok '{"do":"destroy","name":"ram"}')"
same '/pool/zram/nothing-left' "$nothing" "$(left)"
same '/pool/tmpfs/create' ok "$(ok "{\"do\":\"create-tmpfs\",\"name\":\"ram\",\"size\":$((100 * MiB))}")"
same '/pool/tmpfs/destroy' ok "$(ok '{"do":"destroy","name":"ram"}')"
same '/pool/tmpfs/nothing-left' "$nothing" "$(left)"

# On the disk, under a key that nobody has.
create="{\"do\":\"create-encrypted\",\"name\":\"secret\",\"size\":$((400 * MiB)),\"backing\":\"$backing\"}"
same '/pool/encrypted/create' ok "$(ok "$create")"
same '/pool/encrypted/state' ready "$(state secret)"
same '/pool/encrypted/taken' InUse "$(error "$create")"
table=$(dmsetup table --showkeys $mapping)
# start length crypt cipher key offset device …
key=$(echo "$table" | cut -d ' ' -f 5)
same '/pool/encrypted/cipher' 'crypt aes-xts-plain64 128' "$(echo "$table" | cut -d ' ' -f 3,4) ${#key}"
same '/pool/encrypted/options' 'sector_size:4096' "$(echo "$table" | cut -d ' ' -f 9- | tr ' ' '\n' | grep :)"
same '/pool/encrypted/no-discards' 0 "$(echo "$table" | grep -c allow_discards)"
same '/pool/encrypted/size' $((400 * MiB / 512)) "$(echo "$table" | cut -d ' ' -f 2)"

# What is written there reaches the disk, and cannot be read there. Only the device above shows it, so it is looked for
# as it should be.
canary=$(od -A n -N 20 -t x1 /dev/urandom | tr -d ' \n')
yes "$canary" 2>/dev/null | head -c 8M >$pools/secret/canary
sync -f $pools/secret/canary
echo 3 >/proc/sys/vm/drop_caches
same '/pool/encrypted/canary-above' yes "$([ "$(count "$canary" /dev/mapper/$mapping)" -gt 100000 ] && echo yes)"
same '/pool/encrypted/canary-below' 0 "$(count "$canary" $backing)"
same '/pool/encrypted/backing' "600 $((400 * MiB)) allocated" "$(stat -c '%a %s' $backing) $(
  [ $(($(stat -c '%b' $backing) * 512)) -ge $((400 * MiB)) ] && echo allocated)"
# Nor is the key anywhere that outlasts it: not in a file, not in the journal.
same '/pool/encrypted/key-in-journal' 0 "$(journalctl --boot --no-pager | grep -c "$key")"
same '/pool/encrypted/key-in-run' 0 "$(grep -r -l -a "$key" /run --exclude-dir=pools 2>/dev/null | wc -l)"

same '/pool/encrypted/grow' ok "$(ok "{\"do\":\"resize\",\"name\":\"secret\",\"size\":$((500 * MiB))}")"
same '/pool/encrypted/grown-size' $((500 * MiB / 512)) "$(dmsetup table $mapping | cut -d ' ' -f 2)"
same '/pool/encrypted/grown-key' "$key" "$(dmsetup table --showkeys $mapping | cut -d ' ' -f 5)"
same '/pool/encrypted/grown-filesystem' yes \
  "$([ "$(stat -f -c '%b' $pools/secret)" -gt $((420 * MiB / 4096)) ] && echo yes)"
same '/pool/encrypted/grown-content' "$canary" "$(head -n 1 $pools/secret/canary)"
same '/pool/encrypted/shrink' NotSupported "$(error "{\"do\":\"resize\",\"name\":\"secret\",\"size\":$((400 * MiB))}")"
same '/pool/encrypted/destroy' ok "$(ok '{"do":"destroy","name":"secret"}')"
same '/pool/encrypted/nothing-left' "$nothing" "$(left)"

# A new pool of the same name has another key.
same '/pool/encrypted/again' ok "$(ok "$create")"
same '/pool/encrypted/another-key' yes \
  "$([ "$(dmsetup table --showkeys $mapping | cut -d ' ' -f 5)" != "$key" ] && echo yes)"
same '/pool/encrypted/destroy-again' ok "$(ok '{"do":"destroy","name":"secret"}')"

# A block device, once with something on it.
truncate -s 400M /var/lib/device
device=$(losetup --find --show /var/lib/device)
mkfs.ext4 -q "$device"
on_device="{\"do\":\"create-encrypted\",\"name\":\"secret\",\"size\":0,\"backing\":\"$device\"}"
same '/pool/device/not-empty' InUse "$(error "$on_device")"
mount "$device" /mnt
same '/pool/device/mounted' InUse "$(error "$on_device")"
umount /mnt
wipefs -q -a "$device"
same '/pool/device/create' ok "$(ok "$on_device")"
same '/pool/device/size' $((400 * MiB / 512)) "$(dmsetup table $mapping | cut -d ' ' -f 2)"
same '/pool/device/in-use' InUse "$(error "$(echo "$on_device" | sed 's/secret/other/')")"
same '/pool/device/destroy' ok "$(ok '{"do":"destroy","name":"secret"}')"
losetup -d "$device"
rm /var/lib/device
same '/pool/device/nothing-left' "$nothing" "$(left)"

# A crash at every point, now with the real mapping: what finishes is the installed unit.
killed=0
while point=$((killed + 1)) && [ $point -lt 60 ]; do
  printf '%s\n' "$create" | "$program" --kill-at $point >/dev/null 2>&1
  # 128 + SIGKILL
  [ $? -eq 137 ] || break
  killed=$point
  if [ -n "$(state secret)" ]; then
    answer=$(ok '{"do":"discard","name":"secret"}')
    [ "$answer" = ok ] || same "/pool/crash/discard-$point" ok "$answer"
  fi
  now=$(left)
  [ "$now" = "$nothing" ] || same "/pool/crash/left-at-$point" "$nothing" "$now"
done
echo "# $killed points"
same '/pool/crash/points' yes "$([ $killed -ge 8 ] && [ $killed -lt 59 ] && echo yes)"
same '/pool/crash/destroy' ok "$(ok '{"do":"destroy","name":"secret"}')"
same '/pool/crash/nothing-left' "$nothing" "$(left)"

same '/pool/units' '' "$(systemctl --failed --plain --no-legend)"
plan
