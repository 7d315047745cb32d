#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A job for tests/vm/run --xen, beside tap.sh, domain.sh, attach.sh, guest-dmroot.sh, guest-system.sh and
# qubes-live-dom0: what the installed ephemeral-rw promises, in a real domain with the disks of a qube, and seen from
# outside: what is written in the home is searched for in everything that the domain could write to. So that a search
# that finds nothing means something, each of these places is searched once when the marker has to be there.

# shellcheck source=tests/ci/tap.sh
. ./tap.sh
# shellcheck source=tests/vm/jobs/domain.sh
. ./domain.sh

disks=/var/lib/guest
qube_files=/usr/share/qubes-live/qube
# The canary has 8 MiB of 64 bytes each; some of it is written to two more files, once.
units=131072

# --- What the domain consists of ---

# provide TREE PROGRAM...: copies them there, with the libraries they need
provide () {
  tree=$1
  shift
  mkdir -p "$tree/usr/bin" "$tree/usr/lib" "$tree/usr/lib64"
  for link in bin lib lib64; do
    [ -L "$tree/$link" ] || ln -s "usr/$link" "$tree/$link"
  done
  [ -L "$tree/sbin" ] || ln -s usr/bin "$tree/sbin"
  [ -L "$tree/usr/sbin" ] || ln -s bin "$tree/usr/sbin"
  programs=
  for program; do
    path=$(command -v "$program") || die "there is no $program"
    cp -L "$path" "$tree/usr/bin/" || die "cp $path"
    programs="$programs $path"
  done
  # shellcheck disable=SC2086 # paths without blanks
  ldd $programs 2>/dev/null | grep -o '/[^ ]*\.so[^ ]*' | sort -u >libraries
  while read -r library; do
    mkdir -p "$tree/${library%/*}"
    cp -L "$library" "$tree/$library" || die "cp $library"
  done <libraries
}

make_initramfs () {
  provide initramfs busybox dmsetup addpart
  # busybox fills /bin with its own names, but for these two.
  mkdir initramfs/modules initramfs/dev
  for module in crc32c_generic xen-blkfront dm-snapshot ext4 overlay; do
    modprobe --show-depends --ignore-install "$module" || die "no module $module"
  done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >modules
  while read -r module; do
    cp "$module" initramfs/modules/
    echo "${module##*/}" >>initramfs/modules/order
  done <modules
  cp guest-dmroot.sh initramfs/init
  sed -i '1s,.*,#!/bin/busybox sh,' initramfs/init
  (cd initramfs && find . | cpio -o -H newc --quiet) >initramfs.cpio
}

make_root () {
  provide system blockdev busybox cat chmod chown cmp cp cut dd dmsetup findmnt grep head ls mkdir mkswap mktemp mount \
    mountpoint mv rm rmdir sed sh sleep stat stty swapon sync tail umount yes
  (
    cd system || exit
    mkdir -p dev etc home proc root run rw sys tmp usr/lib/qubes-live usr/lib/systemd/system usr/local var/lib
    ln -s ../proc/self/mounts etc/mtab
    echo '/dev/xvdb /rw auto noauto,defaults,discard,nosuid,nodev 1 2' >etc/fstab
    cp "$qube_files/ephemeral-rw" usr/lib/qubes-live/
    cp "$qube_files/qubes-ephemeral-rw.service" usr/lib/systemd/system/
    cat >usr/bin/qubesdb-read <<'END_OF_PROGRAM'
#!/bin/sh
read -r words </proc/cmdline
for word in $words; do
  case $word in
    "vm-config.${1#/vm-config/}="*) echo "${word#*=}"; exit ;;
  esac
done
exit 2
END_OF_PROGRAM
    chmod 755 usr/bin/qubesdb-read
  ) || die "the domain's root cannot be filled"
  install -m 755 guest-system.sh system/usr/bin/init
  truncate -s 64M "$disks/root.img"
  mkfs.ext4 -q -m 0 -d system "$disks/root.img" || die "mkfs.ext4 root.img"
}

make_private () {
  mkdir -p private/home/user private/usrlocal/bin private/config private/bind-dirs
  echo 'written in a window' >private/home/user/letter
  truncate -s 32M "$disks/private.img"
  mkfs.ext4 -q -m 0 -d private "$disks/private.img" || die "mkfs.ext4 private.img"
}

# --- One start of the domain ---

# start RUN ROOT PRIVATE VOLATILE WORD...: with root and private attached ro or rw, the volatile volume under a key or
# plain, and more of the kernel's command line. Returns when it has done all and waits.
start () {
  run=/guest/$1
  # The devices behind can be written: that nothing comes there has to be the doing of how they are attached.
  root=$(losetup --find --show "$disks/root.img") || die losetup
  private=$(losetup --find --show "$disks/private.img") || die losetup
  rm -f "$disks/volatile.img"
  truncate -s 64M "$disks/volatile.img"
  scratch=$(losetup --find --show "$disks/volatile.img") || die losetup
  volatile=$scratch
  if [ "$4" = key ]; then
    throw_away "$scratch" volatile
    volatile=/dev/mapper/volatile
  fi
  marker=$(printf 'canary-%s-%.63s' "$1" "$(cat /proc/sys/kernel/random/uuid)-$(cat /proc/sys/kernel/random/uuid)" |
    cut -c -63)
  cat >domain.cfg <<END_OF_CONFIGURATION
name = "$qube"
kernel = "/boot/vmlinuz-$(uname -r)"
ramdisk = "$PWD/initramfs.cpio"
memory = 256
vcpus = 1
on_crash = "destroy"
disk = [ "$(disk "$root" xvda "$2")", "$(disk "$private" xvdb "$3")", "$(disk "$volatile" xvdc rw)" ]
END_OF_CONFIGURATION
  shift 4
  echo "extra = \"console=hvc0 quiet loglevel=3 panic=-1 marker=$marker $*\"" >>domain.cfg
  xl create -q domain.cfg || die "xl create"
  domid=$(xl domid "$qube") || die "xl domid"
  console=$(eventually_some xenstore-read "/local/domain/$domid/console/tty") || die "no console"
  said=results/console-${run##*/}
  cat "$console" >"$said" 2>/dev/null &
  reader=$!
  for vdev in $xvda $xvdb $xvdc; do
    [ "$(eventually 'connected 4' connection "$vdev")" = 'connected 4' ] || die "disk $vdev does not connect"
  done
  { control xid "$qube" "$domid" && control start "$qube"; } >/dev/null || die "the qube cannot be started"
  wait_until_said waiting
  echo "# $run: domain $domid has done its work at $(cut -d ' ' -f 1 /proc/uptime) s"
}

# eventually_some COMMAND...: asks until it answers, or two minutes are over
eventually_some () {
  end=$(($(date +%s) + 120))
  while [ "$(date +%s)" -lt "$end" ]; do
    answer=$("$@" 2>/dev/null) && [ -n "$answer" ] && { printf '%s\n' "$answer"; return; }
    sleep 0.5
  done
  return 1
}

wait_until_said () {
  end=$(($(date +%s) + 600))
  until grep -q "^guest: $1" "$said"; do
    if grep -q '^guest: bail' "$said" || [ "$(date +%s)" -ge "$end" ]; then
      sed 's/^/# /' "$said"
      die "the domain does not come to an end"
    fi
    sleep 0.5
  done
}

# says NAME: what the domain said of it
says () {
  tr -d '\r' <"$said" | sed -n "s,^guest: $1 ,,p"
}

# said NAME WANTED
said () {
  same "$run/$1" "$2" "$(says "$1")"
}

# stop poweroff|destroy: the domain is gone after that, and with it its key.
stop () {
  if [ "$1" = poweroff ]; then
    echo >"$console"
  else
    xl destroy "$domid" || die "xl destroy"
  fi
  [ "$(eventually gone alive)" = gone ] || die "the domain stays"
  control kill "$qube" >/dev/null || die "the qube cannot be stopped"
  wait "$reader"
  if [ "$volatile" != "$scratch" ]; then
    eventually 0 close_volatile >/dev/null
    [ ! -e /dev/mapper/volatile ] || die "the mapping stays"
  fi
  sync
  losetup --detach "$root" "$private" "$scratch" || die "losetup --detach"
}

alive () {
  xl domid "$qube" >/dev/null 2>&1 && echo alive || echo gone
}

close_volatile () {
  cryptsetup close volatile
  echo $?
}

# --- From outside ---

# checksum NAME...: of these images, one a line
checksum () {
  for image; do
    echo "$image $(sha256sum <"$disks/$image.img")"
  done
}

# hits FILE: how many units of the canary are found there. No line ends in what is empty, and grep wants lines.
hits () {
  dd if="$1" bs=1M iflag=direct 2>/dev/null | tr '\0' '\n' | grep -acF "$marker"
}

# bytes FILE
bytes () {
  if [ -b "$1" ]; then
    blockdev --getsize64 "$1"
  else
    stat -c %s "$1"
  fi
}

# searched WHERE FILE WANTED: none, or all: at least as many as the canary has
searched () {
  found=$(hits "$2")
  echo "#   $run: $found hits in $(bytes "$2") bytes of $1"
  printf '%s\t%s\t%s\t%s\n' "${run##*/}" "$1" "$(bytes "$2")" "$found" >>results/hits.tsv
  case $3 in
    none) same "$run/hits/$1" 0 "$found" ;;
    all) same "$run/hits/$1" "$units or more" "$([ "$found" -ge "$units" ] && echo "$units or more" || echo "$found")" ;;
  esac
}

# changed [NAME]: which of root and private is not what it was when this was asked last
changed () {
  mv checksums checksums-before
  checksum root private >checksums
  same "$run/changed" "${*-}" "$(grep -vxF -f checksums-before checksums | cut -d ' ' -f 1)"
}

# --- The world ---

dom0_is_there /guest
mkdir -p "$disks"
make_initramfs
make_root
make_private
checksum root private >checksums
echo "# the images are there at $(cut -d ' ' -f 1 /proc/uptime) s"
start_qubesd
# Alone: what the shield shows is about it.
{ control property "$qube" netvm && control feature "$qube" live.policy full; } >/dev/null || die "no policy"
systemctl start qubes-live-helper.service
same /guest/helper active "$(systemctl is-active qubes-live-helper.service)"

layer='version=1 mode=early state=active reason=none private'

# wrote FILE...: what was written there came back from the disk, or from where it is kept
wrote () {
  said write ok
  said append ok
  said install ok
  said letter 'written in a window'
  said read-back/home/user/canary "$units"
  said read-back/home/user/letter 1
  said read-back/usr/local/bin/letter 1
}

# refused clean|journal: whoever takes the overlay away stands before a volume that cannot be written
refused () {
  said umount ok
  said below ext4
  said letter-below 'written in a window'
  said write-below 'Read-only file system'
  said remount 'cannot remount /dev/xvdb read-write, is write-protected'
  said write-remounted 'Read-only file system'
  said umount-below ok
  if [ "$1" = clean ]; then
    # mount is content with less than what it was asked for.
    said mount-writable ok
    said write-writable 'Read-only file system'
  else
    said mount-writable 'cannot mount /dev/xvdb read-only'
    said write-writable 'No such file or directory'
  fi
  for name in overwrite-xvda overwrite-xvda-setrw overwrite-xvdb overwrite-xvdb-setrw; do
    said $name 'Operation not permitted'
  done
}

# --- As it shall be ---

start cow ro ro key service.ephemeral-rw write-root
said root-device snapshot
said mount-dirs ok
said status 0
said report "$layer=clean upper=cow upper-size=none warnings=none"
wrote
said write-root ok
said read-back/root/canary "$units"
refused clean
told "$run/helper" verified ephemeral
searched volatile-mapping /dev/mapper/volatile all
stop poweroff
searched volatile "$disks/volatile.img" none
searched private "$disks/private.img" none
searched root "$disks/root.img" none
changed

# --- A customization window, which ends by a crash ---

start window ro rw key service.ephemeral-rw service.live-window
said status 0
said report 'version=1 mode=early state=window reason=none private=writable upper=cow upper-size=none warnings=none'
said home-is ext4
wrote
accused "$run/helper" contradicted device-on-disk:private
same "$run/verdict" 'contradicted root-ephemeral' "$(verdict)"
stop destroy
searched volatile "$disks/volatile.img" none
searched private "$disks/private.img" all
changed private

# --- What the crash left, and a layer in memory ---

start tmpfs ro ro key service.ephemeral-rw vm-config.live-upper=tmpfs vm-config.live-upper-size=64M
said mount-dirs 'cannot mount /dev/xvdb read-only'
said status 0
said report "$layer=journal upper=tmpfs upper-size=64M warnings=journal,swap"
wrote
refused journal
told "$run/helper" verified ephemeral
searched volatile-mapping /dev/mapper/volatile none
stop poweroff
searched volatile "$disks/volatile.img" none
searched private "$disks/private.img" none
searched root "$disks/root.img" none
changed

# --- The layer would be in plain text in dom0, and the script can see it ---

start root-writable rw ro key service.ephemeral-rw write-root
said root-device linear
said status 3
said report \
  'version=1 mode=early state=stood-back reason=root-not-volatile private=unknown upper=cow upper-size=none warnings=none'
said write-root ok
accused "$run/helper" contradicted device-on-disk:root
stop poweroff
searched private "$disks/private.img" none
searched root "$disks/root.img" all
changed root

# --- The layer is in plain text in dom0, and only dom0 can see it ---

start volatile-plain ro ro plain service.ephemeral-rw
said status 0
said report "$layer=journal upper=cow upper-size=none warnings=journal"
wrote
accused "$run/helper" contradicted device-on-disk:volatile
stop poweroff
searched volatile "$disks/volatile.img" all
searched private "$disks/private.img" none
changed

kill "$qubesd"
systemctl stop qubes-live-helper.service
same /guest/stopped inactive "$(systemctl is-active qubes-live-helper.service)"
plan
