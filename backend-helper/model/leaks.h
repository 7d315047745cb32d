/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"
#include "model/boot-mode.h"
#include "model/finding.h"

G_BEGIN_DECLS

/*
 * Leaks: ways in which something of dom0 reaches a disk, or may. Findings (model/finding.h), with these codes and
 * parameters. A verdict of `bad` reaches a disk, `unknown` may, `weak` reaches something else that stays. The parameter
 * `place` is `disk` or `unknown`.
 */
#define LIVE_LEAK_MOUNT_WRITABLE "mount-writable"             /* target, source, type, place */
#define LIVE_LEAK_FIRMWARE_WRITABLE "firmware-writable"       /* target; weak */
#define LIVE_LEAK_SWAP_ON_DISK "swap-on-disk"                 /* device, place */
#define LIVE_LEAK_JOURNAL_PERSISTENT "journal-persistent"     /* target (the mount it is on), place */
#define LIVE_LEAK_CORE_DUMPS_TO_DISK "core-dumps-to-disk"     /* pattern, place */
#define LIVE_LEAK_HIBERNATION_POSSIBLE "hibernation-possible" /* device (the swap) */
#define LIVE_LEAK_ZRAM_BACKING_DEVICE "zram-backing-device"   /* device */
#define LIVE_LEAK_NOT_READ "not-read" /* what: `mounts`, `swaps`, `core-pattern`, `power`; verdict unknown */

/* What to do about it. */
#define LIVE_REMEDY_MOUNT_READ_ONLY "mount-read-only"
#define LIVE_REMEDY_SWAP_OFF "swap-off"
#define LIVE_REMEDY_JOURNAL_VOLATILE "journal-volatile"
#define LIVE_REMEDY_CORE_DUMPS_OFF "core-dumps-off"
#define LIVE_REMEDY_NO_HIBERNATE "no-hibernate"
#define LIVE_REMEDY_ZRAM_WITHOUT_BACKING "zram-without-backing"
#define LIVE_REMEDY_CHECK_HELPER "check-helper"

/**
 * LiveSwap:
 * @path: as /proc/swaps has it, escapes undone
 * @is_file: a file; otherwise a device
 */
typedef struct
{
  char *path;
  gboolean is_file;
} LiveSwap;

void live_swap_free (LiveSwap *swap);

/**
 * live_swaps_parse:
 * @text: contents of /proc/swaps (proc(5))
 *
 * Returns: (transfer full) (nullable) (element-type LiveSwap): %NULL when a line is none of that file
 */
GPtrArray *live_swaps_parse (const char *text);

/**
 * LiveLeakFacts:
 * @mounts: (nullable) (element-type LiveMount): the mount table
 * @blocks: (element-type LiveBlock): every device that matters
 * @swaps: (nullable) (element-type LiveSwap): the active swaps
 * @journal_storage: (nullable): `Storage=` of journald.conf(5), %NULL when it is not set
 * @journal_directory: whether /var/log/journal exists
 * @core_pattern: (nullable): /proc/sys/kernel/core_pattern (core(5))
 * @core_uses_pid: /proc/sys/kernel/core_uses_pid is not 0
 * @core_storage: (nullable): `Storage=` of coredump.conf(5), %NULL when it is not set
 * @core_external_size: (nullable): `ExternalSizeMax=` of coredump.conf(5), %NULL when it is not set
 * @power_states: (nullable): /sys/power/state, empty when there is none
 * @power_disk: (nullable): /sys/power/disk, empty when there is none
 * @kernel_command_line: (nullable): /proc/cmdline
 *
 * All that the leaks are judged from. %NULL where a text or table is nullable means that it could not be read, except
 * where it says that it is not set.
 */
typedef struct
{
  GPtrArray *mounts;
  GPtrArray *blocks;
  GPtrArray *swaps;
  char *journal_storage;
  gboolean journal_directory;
  char *core_pattern;
  gboolean core_uses_pid;
  char *core_storage;
  char *core_external_size;
  char *power_states;
  char *power_disk;
  char *kernel_command_line;
} LiveLeakFacts;

LiveLeakFacts *live_leak_facts_new (void);
void live_leak_facts_free (LiveLeakFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveLeakFacts, live_leak_facts_free)

/**
 * live_leaks_judge:
 * @facts: what is known
 * @mode: how dom0 was booted; the root file system of a persistent dom0 is no leak of its own
 * @findings: (nullable): a builder of type %LIVE_FINDINGS_TYPE that gets the leaks
 *
 * Returns: how many of them reach a disk or may: those that are `bad` or `unknown`
 */
guint live_leaks_judge (const LiveLeakFacts *facts, LiveBootMode mode, GVariantBuilder *findings);

G_END_DECLS
