#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The dracut module around unpack-programs.sh.

check () {
  return 0
}

depends () {
  return 0
}

install () {
  inst_multiple tar
  # shellcheck disable=SC2154 # dracut's own
  inst_hook pre-pivot 50 "$moddir/unpack-programs.sh"
}
