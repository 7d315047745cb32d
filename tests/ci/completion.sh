#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: completion.sh SOURCE-ROOT
#
# The bash completion, beside a busctl that answers as the one of systemd does.

here=$1/tests/ci
# shellcheck source=tests/ci/tap.sh
. "$here/tap.sh"

mkdir "$work/bin"
cat >"$work/bin/busctl" <<'END'
#!/bin/sh
case $* in
  *'--auto-start=no '*'introspect org.qubes.Live1 /org/qubes/Live1/qube')
    cat <<'XML'
<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN" "introspect.dtd">
<node>
  <interface name="org.freedesktop.DBus.Peer"/>
  <node name="sys_2dnet"/>
  <node name="work"/>
  <node name="a_5fb_2ec"/>
  <node name="evil_24_28id_29"/>
</node>
XML
    ;;
  *'introspect org.qubes.Live1 /org/qubes/Live1/pool') echo '  <node name="vm_2dpool"/>' ;;
  *) exit 1 ;;
esac
END
chmod +x "$work/bin/busctl"
PATH=$work/bin:$PATH
# shellcheck source=data/completions/qubes-live
. "$1/data/completions/qubes-live"

# completes NAME WANTED WORD...: the last word is the one being typed
completes () {
  local name=$1 wanted=$2
  shift 2
  COMP_WORDS=(qubes-live "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _qubes_live
  same "/completion/$name" "$wanted" "${COMPREPLY[*]}"
}

completes verbs 'status qube pool run-ram posture monitor disposable-templates take-over --help --version' ''
completes verb 'status' st
completes json '--json' status ''
completes qubes 'sys-net work a_b.c' qube ''
completes qube-by-start 'sys-net' qube sys-
completes what 'policy volume window hygiene upper renew install-guest remove-guest' qube work ''
completes policies 'persistent root full' qube work policy ''
completes volumes 'root private' qube work volume ''
completes volume-states 'rw ro' qube work volume private ''
completes no-state-of-policy '' qube work policy root ''
completes pool-verbs 'list set create-ram create-encrypted resize default destroy' pool ''
completes pools 'vm-pool' pool set ''
completes no-pool-after-list '' pool list ''
completes pool-setting 'ephemeral-volatile' pool set vm-pool ''
completes pool-states 'on off' pool set vm-pool ephemeral-volatile ''
completes no-pool-to-create '' pool create-ram ''
completes pool-to-destroy 'vm-pool' pool destroy ''
completes pool-destroy '--kill --dry-run --yes' pool destroy vm-pool ''
completes pool-default 'on off' pool default vm-pool ''
completes pool-size '--size' pool create-ram ram1 ''
completes pool-create-options '--tmpfs' pool create-ram ram1 --size 1G --t
completes pool-backing '--backing' pool create-encrypted safe --size 1G --b
completes run-ram 'sys-net work a_b.c' run-ram ''
completes run-ram-options '--with-files' run-ram work --wi
completes nothing-more '' qube work volume root ro ''
completes window 'open extend close' qube work window ''
completes window-open '--seconds --until-closed' qube work window open ''
completes window-extend '--seconds' qube work window extend ''
completes window-close '--kill' qube work window close ''
completes no-seconds '' qube work window open --seconds ''
completes hygiene 'on off' qube work hygiene ''
completes upper 'volatile ram' qube work upper ''
completes upper-size '--size' qube work upper ram ''
completes no-size-for-volatile '' qube work upper volatile ''
completes renew-alone '' qube work renew ''
completes guest '--into-template' qube work install-guest ''
completes guest-removal '--into-template' qube work remove-guest ''
completes bulk 'policy' disposable-templates ''
completes bulk-policy 'full' disposable-templates policy ''
completes bulk-options '--dry-run --yes' disposable-templates policy full ''
completes take-over '--dry-run --yes' take-over ''
completes wait '--wait' status --w
completes wait-anywhere '--wait' qube work renew --w
completes option-begun '--until-closed' qube work window open --seconds 60 --u
completes pool-option '--json' pool list --j
completes no-option-of-others '' qube work policy root --k

echo 'exit 1' >"$work/bin/busctl"
completes no-helper '' qube ''

plan
