/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

#include "model/finding.h"

G_BEGIN_DECLS

/**
 * LivePostureAnswer:
 *
 * Whether something is there.
 */
typedef enum
{
  LIVE_POSTURE_UNKNOWN,
  LIVE_POSTURE_NO,
  LIVE_POSTURE_YES
} LivePostureAnswer;

/**
 * LivePostureXenSource:
 * @LIVE_POSTURE_XEN_NOWHERE: Xen's command line is not known
 * @LIVE_POSTURE_XEN_LOG: Xen printed it when it started (xenconsoled's log)
 * @LIVE_POSTURE_XEN_GRUB: GRUB's configuration has it beside the line that Linux was started with. Another loader
 *   (Heads starts Xen by kexec) or a hand at GRUB's prompt may have passed something else: nothing good is proven
 *   by it
 */
typedef enum
{
  LIVE_POSTURE_XEN_NOWHERE,
  LIVE_POSTURE_XEN_LOG,
  LIVE_POSTURE_XEN_GRUB
} LivePostureXenSource;

/**
 * LivePostureText:
 *
 * Texts that the kernel or a configuration file holds; which file, says the comment.
 */
typedef enum
{
  LIVE_POSTURE_LINUX_LINE,                /* /proc/cmdline */
  LIVE_POSTURE_XEN_LINE,                  /* Xen's command line, without the name of its image */
  LIVE_POSTURE_KERNEL_RELEASE,            /* /proc/sys/kernel/osrelease */
  LIVE_POSTURE_HYPERVISOR,                /* /sys/hypervisor/type */
  LIVE_POSTURE_SWAPS,                     /* /proc/swaps */
  LIVE_POSTURE_HIBERNATION,               /* /sys/power/disk */
  LIVE_POSTURE_PAGE_ALLOC_SHUFFLE,        /* /sys/module/page_alloc/parameters/shuffle */
  LIVE_POSTURE_MODULE_SIG_ENFORCE,        /* /sys/module/module/parameters/sig_enforce */
  LIVE_POSTURE_PSTORE_DISABLE,            /* /sys/module/efi_pstore/parameters/pstore_disable */
  LIVE_POSTURE_SYSRQ,                     /* /proc/sys/kernel/sysrq */
  LIVE_POSTURE_KPTR_RESTRICT,             /* /proc/sys/kernel/kptr_restrict */
  LIVE_POSTURE_DMESG_RESTRICT,            /* /proc/sys/kernel/dmesg_restrict */
  LIVE_POSTURE_KEXEC_LOAD_DISABLED,       /* /proc/sys/kernel/kexec_load_disabled */
  LIVE_POSTURE_PTRACE_SCOPE,              /* /proc/sys/kernel/yama/ptrace_scope */
  LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, /* /proc/sys/kernel/unprivileged_bpf_disabled */
  LIVE_POSTURE_CORE_PATTERN,              /* /proc/sys/kernel/core_pattern */
  LIVE_POSTURE_JOURNALD_STORAGE,          /* Storage= of journald.conf and its drop-ins; empty: not set */
  LIVE_POSTURE_COREDUMP_STORAGE,          /* Storage= of coredump.conf and its drop-ins; empty: not set */
  LIVE_POSTURE_VULNERABLE,                /* names in /sys/devices/system/cpu/vulnerabilities that say Vulnerable */
  LIVE_POSTURE_N_TEXTS
} LivePostureText;

/**
 * LivePostureFacts:
 * @texts: by #LivePostureText, as they were read, any bytes; %NULL when not known, empty when there is certainly none
 * @xen_source: where the text %LIVE_POSTURE_XEN_LINE comes from
 * @live: whether dom0 runs from RAM
 * @efi: whether there is EFI firmware
 * @erst: whether the firmware has a store for error records (ACPI's table ERST)
 * @journal_directory: whether /var/log/journal exists
 * @xen_logs: whether /var/log/xen/console holds anything
 * @libvirt_logs: whether /var/log/libvirt/libxl holds anything
 * @qubes_logs: whether /var/log/qubes holds anything
 * @plain_swaps: (nullable): those of the devices in /proc/swaps whose mapping says that it is plain dm-crypt
 *
 * All that the posture of dom0 is judged by.
 */
typedef struct
{
  char *texts[LIVE_POSTURE_N_TEXTS];
  LivePostureXenSource xen_source;
  LivePostureAnswer live;
  LivePostureAnswer efi;
  LivePostureAnswer erst;
  LivePostureAnswer journal_directory;
  LivePostureAnswer xen_logs;
  LivePostureAnswer libvirt_logs;
  LivePostureAnswer qubes_logs;
  char **plain_swaps;
} LivePostureFacts;

LivePostureFacts *live_posture_facts_new (void);
void live_posture_facts_free (LivePostureFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePostureFacts, live_posture_facts_free)

/* Whether a boot mode, in the words of the bus, is one in which dom0 runs from RAM. */
LivePostureAnswer live_posture_is_live (const char *boot_mode);

/**
 * live_posture_judge:
 * @facts: what is known
 *
 * Judges each item by itself; there is no sum. Items about the processor and the IOMMU are judged by Xen's line only:
 * what Linux is told about them has no effect in dom0. An argument of the one that stands on the line of the other is
 * a finding of its own.
 *
 * The codes: of Linux' line `init-on-alloc`, `init-on-free`, `slab-nomerge`, `kernel-stack-offset`, `vsyscall`,
 * `page-alloc-shuffle`, `efi-pstore`, `erst`, `debugfs`, `module-signatures`, `hibernation`, `swap-units`, and never
 * judged `linux-mitigations`, `linux-iommu`, `lockdown`; of Xen's line `scrub-domheap`, `bootscrub`, `smt`,
 * `spec-ctrl`, `iommu`; `misplaced-argument`; of the running kernel `sysrq`, `kptr-restrict`, `dmesg-restrict`,
 * `kexec-load`, `ptrace-scope`, `unprivileged-bpf`; of what is written down `swap`, `core-dumps`, `journal`,
 * `xen-console-logs`, `libvirt-logs`, `qubes-logs`; and never judged `cpu-vulnerabilities`.
 *
 * Each finding has the parameters `found` (what is there) and `expected`, empty where there is nothing to say, and
 * `source` for those by Xen's line (`xen-log`, `grub`). Expected is also what the remedy speaks of:
 *
 * - `add-linux-argument`, `remove-linux-argument`, `add-xen-argument`, `remove-xen-argument`, `move-to-xen-line`,
 *   `move-to-linux-line`: an argument
 * - `set-sysctl`: a setting, as in sysctl.d(5)
 * - `remove-swap`, `set-journald-storage`, `set-coredump-storage`, `remove-old-logs`
 *
 * Returns: (transfer full): of type %LIVE_FINDINGS_TYPE, always the same codes in the same order, but for
 *   `misplaced-argument`
 */
GVariant *live_posture_judge (const LivePostureFacts *facts);

G_END_DECLS
