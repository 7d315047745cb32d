#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A job for tests/vm/run --xen, beside tap.sh, domain.sh, attach.sh, guest-init.sh and qubes-live-dom0: the installed
# helper, under its own unit, in a real dom0 with a real domain. Only qubesd is simulated. Its qube app1 is set to leave
# nothing behind, and stays set so throughout: everything that changes here is what the domain's disks really are.

# shellcheck source=tests/ci/tap.sh
. ./tap.sh
# shellcheck source=tests/vm/jobs/domain.sh
. ./domain.sh

disks=/var/lib/verify

# marked FILE OFFSET: whether the domain's mark stands there
marked () {
  dd if="$1" bs=4096 count=1 iflag=direct 2>/dev/null | cmp -s - mark && echo marked || echo unmarked
}

# The helper has seen that a disk went: what it says next is about the next one.
acquitted () {
  accusation | grep -q -e '^contradicted' -e "$1" && echo accused || echo acquitted
}

gone () {
  xenstore-exists "$backend/$domid/$1" && echo there || echo gone
}

detach () {
  xl block-detach "$domid" "$1" || die "xl block-detach $1"
  [ "$(eventually gone gone "$1")" = gone ] || die "disk $1 stays"
}

# attach DEVICE NAME ro|rw NUMBER
attach () {
  xl block-attach "$domid" "$(disk "$1" "$2" "$3")" || die "xl block-attach $2"
  [ "$(eventually 'connected 4' connection "$4")" = 'connected 4' ] ||
    die "disk $2 does not connect: $(connection "$4")"
}

# A disk in a file, as a loop device; prints it.
loop () {
  truncate -s 32M "$disks/$1"
  shift
  losetup --find --show "$@"
}

# --- The world ---

dom0_is_there /verify

mkdir -p "$disks" guest/bin
{ echo 'written by the domain'; cat /proc/sys/kernel/random/uuid; } >mark
truncate -s 4096 mark
cp /bin/busybox guest/bin/
cp guest-init.sh guest/init
cp mark guest/
sed -i '1s,.*,#!/bin/busybox sh,' guest/init
chmod 755 guest/init
mkdir guest/dev
cp "/lib/modules/$(uname -r)/kernel/drivers/block/xen-blkfront.ko" guest/ || die "no xen-blkfront.ko"
(cd guest && find . | cpio -o -H newc --quiet) >guest.cpio

root=$(loop root.img --read-only "$disks/root.img")
private=$(loop private.img --read-only "$disks/private.img")
scratch=$(loop scratch.img "$disks/scratch.img")
throw_away "$scratch" volatile

cat >domain.cfg <<END
name = "$qube"
kernel = "/boot/vmlinuz-$(uname -r)"
ramdisk = "$PWD/guest.cpio"
extra = "console=hvc0 panic=-1"
memory = 160
vcpus = 1
on_crash = "destroy"
disk = [ "$(disk "$root" xvda ro)", "$(disk "$private" xvdb ro)", "$(disk /dev/mapper/volatile xvdc rw)" ]
END
xl create -q domain.cfg || die "xl create"
domid=$(xl domid "$qube") || die "xl domid"
echo "# the domain is $domid, up for $(cut -d ' ' -f 1 /proc/uptime) s"

for vdev in $xvda $xvdb $xvdc; do
  becomes "/verify/facts/connected-$vdev" 'connected 4' connection "$vdev"
done

# --- What is true, without the helper ---

same '/verify/facts/xvda' 'r ro=1 loop' "$(facts $xvda)"
same '/verify/facts/xvdb' 'r ro=1 loop' "$(facts $xvdb)"
same '/verify/facts/xvdc' 'w ro=0 CRYPT-PLAIN-volatile' "$(facts $xvdc)"
same '/verify/facts/table' 'crypt aes-xts-plain64' "$(dmsetup table volatile | cut -d ' ' -f 3,4)"
# The mark arrives in xvdc and is readable there, through the key; not below it, nor where the domain may not write.
becomes '/verify/facts/written' marked marked /dev/mapper/volatile
same '/verify/facts/unreadable' unmarked "$(marked "$disks/scratch.img")"
same '/verify/facts/root-unwritten' unmarked "$(marked "$disks/root.img")"
same '/verify/facts/private-unwritten' unmarked "$(marked "$disks/private.img")"
xenstore-ls -f >results/xenstore.txt
{ dmsetup info volatile; dmsetup table volatile; ls -l /dev/mapper; losetup --list; } >results/devices.txt

# --- What the helper says ---

start_qubesd
{
  control property "$qube" netvm && control set-rw "$qube" root False && control set-rw "$qube" private False &&
    control set-ephemeral "$qube" True && control xid "$qube" "$domid" && control start "$qube"
} >/dev/null || die "the simulated dom0 cannot be set up"
systemctl start qubes-live-helper.service
same '/verify/helper/unit' active "$(systemctl is-active qubes-live-helper.service)"
told '/verify/helper/honest' verified ephemeral

detach $xvda
losetup --detach "$root"
root=$(loop root.img "$disks/root.img")
attach "$root" xvda rw $xvda
same '/verify/facts/root-writable' 'w ro=0 loop' "$(facts $xvda)"
becomes '/verify/facts/root-written' marked marked "$disks/root.img"
accused '/verify/lies/root-writable' contradicted device-on-disk:root

detach $xvda
losetup --detach "$root"
root=$(loop root.img --read-only "$disks/root.img")
attach "$root" xvda ro $xvda
told '/verify/helper/honest-again' verified ephemeral

detach $xvdb
losetup --detach "$private"
private=$(loop private.img "$disks/private.img")
attach "$private" xvdb rw $xvdb
same '/verify/facts/private-writable' 'w ro=0 loop' "$(facts $xvdb)"
accused '/verify/lies/private-writable' contradicted device-on-disk:private
detach $xvdb
losetup --detach "$private"
private=$(loop private.img --read-only "$disks/private.img")
attach "$private" xvdb ro $xvdb
told '/verify/helper/private-honest-again' verified ephemeral

detach $xvdc
cryptsetup close volatile
attach "$scratch" xvdc rw $xvdc
same '/verify/facts/volatile-plain' 'w ro=0 loop' "$(facts $xvdc)"
becomes '/verify/facts/volatile-readable' marked marked "$disks/scratch.img"
accused '/verify/lies/volatile-plain' contradicted device-on-disk:volatile

# The key can be had again from the header.
detach $xvdc
becomes '/verify/helper/detached' acquitted acquitted device-on-disk:volatile
printf 'no secret' | cryptsetup luksFormat --type luks2 --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
  "$scratch" - || die "cryptsetup luksFormat"
printf 'no secret' | cryptsetup open --key-file - "$scratch" volatile || die "cryptsetup open"
attach /dev/mapper/volatile xvdc rw $xvdc
same '/verify/facts/volatile-luks' 'w ro=0 CRYPT-LUKS2' "$(facts $xvdc | cut -d - -f 1,2)"
accused '/verify/lies/volatile-luks' contradicted device-on-disk:volatile

# The mapping looks like a good one, by its name and its kind, and encrypts nothing.
detach $xvdc
becomes '/verify/helper/detached' acquitted acquitted device-on-disk:volatile
cryptsetup close volatile
dmsetup create volatile --uuid CRYPT-PLAIN-volatile \
  --table "0 $(blockdev --getsz "$scratch") crypt cipher_null-ecb - 0 $scratch 0" || die "dmsetup create"
attach /dev/mapper/volatile xvdc rw $xvdc
same '/verify/facts/volatile-null' 'w ro=0 CRYPT-PLAIN-volatile' "$(facts $xvdc)"
becomes '/verify/facts/volatile-null-readable' marked marked "$disks/scratch.img"
accused '/verify/lies/volatile-null' contradicted device-on-disk:volatile

# A name is only a name: something else under one that a throw-away mapping would have. What it is cannot be told from
# dm-crypt, and so it is not called anything.
detach $xvdc
becomes '/verify/helper/detached' acquitted acquitted device-on-disk:volatile
dmsetup remove volatile
dmsetup create volatile --uuid CRYPT-PLAIN-volatile --table "0 $(blockdev --getsz "$scratch") linear $scratch 0" ||
  die "dmsetup create"
attach /dev/mapper/volatile xvdc rw $xvdc
same '/verify/facts/volatile-named' 'w ro=0 CRYPT-PLAIN-volatile' "$(facts $xvdc)"
accused '/verify/lies/volatile-named' unknown device-unknown:volatile

# The key is kept in a file that the table of keys names.
detach $xvdc
becomes '/verify/helper/detached' acquitted acquitted device-on-disk:volatile
dmsetup remove volatile
head -c 64 /dev/urandom >"$disks/key"
echo "volatile $scratch $disks/key plain,cipher=aes-xts-plain64,size=512" >/etc/crypttab
cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 512 --key-file "$disks/key" "$scratch" volatile ||
  die "cryptsetup open"
attach /dev/mapper/volatile xvdc rw $xvdc
same '/verify/facts/volatile-key-file' 'w ro=0 CRYPT-PLAIN-volatile' "$(facts $xvdc)"
accused '/verify/lies/volatile-key-file' contradicted device-on-disk:volatile

detach $xvdc
cryptsetup close volatile
rm /etc/crypttab
throw_away "$scratch" volatile
attach /dev/mapper/volatile xvdc rw $xvdc
told '/verify/helper/volatile-honest-again' verified ephemeral

# A domain that is gone proves nothing, whatever qubesd still believes.
xl destroy "$domid"
evidence_left () {
  case $(verdict) in
    verified*) echo verified ;;
    *) echo 'not verified' ;;
  esac
}
becomes '/verify/helper/domain-gone' 'not verified' evidence_left

kill "$qubesd"
systemctl stop qubes-live-helper.service
same '/verify/helper/stopped' inactive "$(systemctl is-active qubes-live-helper.service)"
plan
