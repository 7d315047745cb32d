#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Qubes Live authors
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the virtual machine's initrd, when the root file system is there and nothing of it has started yet: lays the
# programs under test over it. Later than that, systemd, the bus and polkit would have to read all of their files anew,
# which takes a machine without hardware virtualisation as long as a start.

tar -xf /dev/disk/by-id/virtio-programs -C "${NEWROOT:?}" || die 'the programs under test cannot be unpacked'
