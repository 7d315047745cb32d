#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: install-dependencies.sh SOURCE-ROOT
#
# What .ci/install-dependencies would run, seen with tools that only write down how they were called.

here=$1/tests/ci
# shellcheck source=tests/ci/tap.sh
. "$here/tap.sh"
tool=$1/.ci/install-dependencies
bin=$work/bin

# fake NAME: a tool in $bin that does what standard input says
fake () {
  { echo '#!/bin/sh'; cat; } >"$bin/$1"
  chmod +x "$bin/$1"
}

machine () {
  rm -rf "$bin"
  mkdir "$bin"
  : >"$work/calls"
  for name in env cat sh; do
    ln -s "$(command -v "$name")" "$bin/$name"
  done
  echo 'echo 0' | fake id
}

# debian INSTALLED-BUT: every package is installed but this one
debian () {
  machine
  # shellcheck disable=SC2016
  {
    printf 'lacks="%s"\n' "$1"
    echo 'for word; do case $word in -*|"\${"*|"$lacks") ;; *) echo "$word=installed" ;; esac; done; exit 1'
  } | fake dpkg-query
  printf 'exit 0\n' | fake apt-cache
  # shellcheck disable=SC2016
  printf 'echo "apt-get $*" >>"%s"\n' "$work/calls" | fake apt-get
}

fedora () {
  machine
  # shellcheck disable=SC2016
  printf 'for word; do :; done; [ "$word" != "%s" ]\n' "$1" | fake rpm
  # shellcheck disable=SC2016
  printf 'echo "dnf $*" >>"%s"\n' "$work/calls" | fake dnf
}

# did NAME WANTED-CALLS WANTED-STATUS [ARGUMENT...]
did () {
  name=$1
  wanted="$2 ($3)"
  shift 3
  status=0
  PATH=$bin QUBES_RELEASE_FILE=$work/qubes-release "$tool" "$@" >"$work/out" 2>&1 </dev/null || status=$?
  same "$name" "$wanted" "$(cat "$work/calls") ($status)"
}

apt='apt-get -o DPkg::Lock::Timeout=400'
install="$apt install -y --no-install-recommends meson"

debian nothing
did '/install-dependencies/apt/complete' '' 0

debian meson
did '/install-dependencies/apt/missing' "$install" 0

debian meson
echo 'exit 100' | fake apt-cache
did '/install-dependencies/apt/unknown' "$apt update
$install" 0

debian meson
# shellcheck disable=SC2016
printf 'echo "apt-get $*" >>"%s"; case "$*" in *install*) exit 100; esac\n' "$work/calls" | fake apt-get
did '/install-dependencies/apt/stale-lists-then-failure' "$install
$apt update
$install" 1

debian meson
echo 'echo 1000' | fake id
# shellcheck disable=SC2016
printf 'echo "sudo" >>"%s"; exec "$@"\n' "$work/calls" | fake sudo
did '/install-dependencies/apt/sudo' "sudo
$install" 0

debian meson
echo 'echo 1000' | fake id
did '/install-dependencies/apt/no-sudo' '' 1

debian debootstrap
did '/install-dependencies/apt/no-vm' '' 0
did '/install-dependencies/apt/vm' "$apt install -y --no-install-recommends debootstrap" 0 vm

debian meson
did '/install-dependencies/usage' '' 1 vm vm
did '/install-dependencies/usage/other' '' 1 mv

fedora nothing
did '/install-dependencies/dnf/vm' '' 1 vm
did '/install-dependencies/dnf/complete' '' 0

fedora xen-devel
did '/install-dependencies/dnf/missing' 'dnf install -y --setopt=install_weak_deps=False xen-devel' 0

fedora xen-devel
echo 'exit 1' | fake dnf
did '/install-dependencies/dnf/failure' '' 1

fedora xen-devel
: >"$work/qubes-release"
did '/install-dependencies/dnf/dom0' '' 1

fedora nothing
did '/install-dependencies/dnf/dom0-complete' '' 0

machine
did '/install-dependencies/neither' '' 1

plan
