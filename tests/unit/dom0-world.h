/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"

G_BEGIN_DECLS

/*
 * The block devices of the mount tables in these tests:
 *
 *   8:0 sda, 8:1 sda1, 8:2 sda2, 8:3 sda3, 259:3 nvme0n1p3   a disk and its parts
 *   253:0 dm-0 luks-root (LUKS on sda3), 253:1 dm-1 qubes_dom0-root, 253:2 dm-2 qubes_dom0-swap (both on dm-0)
 *   253:3 dm-3 throwaway (plain dm-crypt on sda2, its key in memory), 253:4 dm-4 nobody-knows (dm-crypt on sda2)
 *   253:5 dm-5 zram-mapped (linear on zram0)
 *   252:0 zram0, 252:1 zram1 (not set up), 252:2 zram2 (also writes to a disk; only with @with_backing)
 *   7:0 loop0 on /dev/shm/root.img, 7:1 loop1 on /images/root.img, 7:2 loop2 on a deleted file, 1:0 ram0
 */
GPtrArray *live_test_blocks_new (gboolean with_backing);

/* Reads a mount table with the real parser; %NULL when it refuses. */
GPtrArray *live_test_mounts_new (const char *text);

/* A list of findings or reasons as text: "code(verdict remedy key=value …)", without verdict and remedy for reasons. */
char *live_test_describe_findings (GVariantBuilder *builder);
char *live_test_describe_reasons (GVariantBuilder *builder);

/* The parts that every system has, standing on the root mount 22. */
#define LIVE_TEST_COMMON                                                                                               \
  "23 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw\n"                                      \
  "24 22 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:2 - sysfs sysfs rw\n"                                      \
  "25 22 0:5 / /dev rw,nosuid shared:8 - devtmpfs devtmpfs rw,size=4096k,nr_inodes=487000,mode=755\n"                  \
  "26 24 0:6 / /sys/kernel/security rw,nosuid,nodev,noexec,relatime shared:3 - securityfs securityfs rw\n"             \
  "27 25 0:23 / /dev/shm rw,nosuid,nodev shared:9 - tmpfs tmpfs rw\n"                                                  \
  "28 25 0:24 / /dev/pts rw,nosuid,noexec,relatime shared:10 - devpts devpts rw,gid=5,mode=620,ptmxmode=000\n"         \
  "29 22 0:25 / /run rw,nosuid,nodev shared:11 - tmpfs tmpfs rw,size=1574348k,nr_inodes=819200,mode=755\n"             \
  "30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"             \
  "31 24 0:27 / /sys/fs/pstore rw,nosuid,nodev,noexec,relatime shared:5 - pstore pstore rw\n"                          \
  "32 23 0:30 / /proc/sys/fs/binfmt_misc rw,relatime shared:13 - autofs systemd-1 rw,fd=35,pgrp=1,timeout=0\n"         \
  "33 24 0:15 / /sys/kernel/debug rw,nosuid,nodev,noexec,relatime shared:15 - debugfs debugfs rw\n"                    \
  "34 25 0:19 / /dev/mqueue rw,nosuid,nodev,noexec,relatime shared:14 - mqueue mqueue rw\n"                            \
  "35 25 0:31 / /dev/hugepages rw,relatime shared:16 - hugetlbfs hugetlbfs rw,pagesize=2M\n"                           \
  "36 22 0:32 / /tmp rw,nosuid,nodev shared:17 - tmpfs tmpfs rw,size=1967548k,nr_inodes=1048576\n"                     \
  "37 23 0:33 / /proc/xen rw,relatime shared:19 - xenfs xenfs rw\n"                                                    \
  "38 29 0:45 / /run/user/1000 rw,nosuid,nodev,relatime shared:200 - tmpfs tmpfs rw,size=393508k,mode=700,uid=1000\n"  \
  "39 38 0:46 / /run/user/1000/gvfs rw,nosuid,nodev,relatime shared:210 - fuse.gvfsd-fuse gvfsd-fuse "                 \
  "rw,user_id=1000\n"

G_END_DECLS
