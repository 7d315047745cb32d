#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: stand-in-qrexec-client.sh ROOT HOW -d QUBE USER:COMMAND
#
# What qrexec-client does, as far as a caller can tell: hands the command to a shell, which works below ROOT instead of
# in a qube, with a systemctl that knows one unit. ROOT/log gets a line for each command. HOW says how the qube lies;
# honest: not at all.

set -u
export PATH=/usr/bin:/bin LC_ALL=C
root=$1
how=$2
shift 2

if [ $# -ne 3 ] || [ "$1" != -d ]; then
  echo "stand-in: not as qrexec-client wants it: $*" >&2
  exit 99
fi
qube=$2
command=${3#root:}
if [ "root:$command" != "$3" ]; then
  echo "stand-in: not as root" >&2
  exit 99
fi
printf '%s: %s\n' "$qube" "$command" >>"$root/log"
# What the caller has in its environment is not for qubes. (The shell itself adds these.)
env | grep -Ev '^(PATH|LC_ALL|PWD|OLDPWD|SHLVL|_)=' >>"$root/environment"

case $how:$command in
  wrong-sum:sha256sum*) command="$command | sed 's/^[0-8]/9/; t; s/^./0/'" ;;
  wrong-path:sha256sum*) command="$command | sed s/ephemeral/permanent/" ;;
  long-sum:sha256sum*) command="$command; echo more" ;;
  truncated:*cat*) command="head -c 10 | { $command; }" ;;
  escapes:*cat*) printf '\033[2Jnot \342\200\256today\nmore\n' >&2; exit 7 ;;
  endless:*) yes 2>/dev/null; exit 0 ;;
  endless-error:*) yes >&2 2>/dev/null; exit 0 ;;
  nul:*) printf 'plain\n\0'; exit 0 ;;
  odd:*) echo 'plain '; exit 0 ;;
  dead:*) kill -9 $$ ;;
  hang:* | hang-later:*cat*)
    # In a child that keeps the pipes, and ends with the test.
    (while [ -d "$root" ]; do sleep 0.1; done) &
    wait
    ;;
  not-enabled:*'systemctl enable'*) exit 0 ;;
  undeletable:rm*) exit 0 ;;
esac

command=$(printf '%s\n' "$command" | sed "s#\\([ >]\\)/\\(usr\\|rw\\|etc\\)/#\\1$root/\\2/#g")
# Run by the shell that stands for the qube's.
# shellcheck disable=SC2016
prelude='
systemctl () {
  link=$unit_root/etc/systemd/system/multi-user.target.wants/$2
  case $1 in
    enable) [ -f "$unit_root/usr/lib/systemd/system/$2" ] || { echo "Unit $2 does not exist." >&2; return 1; }
      mkdir -p "${link%/*}" && ln -sf "/usr/lib/systemd/system/$2" "$link" ;;
    disable) rm -f "$link" ;;
    is-enabled) if [ -L "$link" ]; then echo enabled; else echo disabled; return 1; fi ;;
    *) return 1 ;;
  esac
}
'
unit_root=$root sh -c "$prelude$command" >"$root/answer"
status=$?
sed "s#$root##g" "$root/answer"
exit $status
