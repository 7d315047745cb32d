/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"

G_BEGIN_DECLS

/**
 * LiveVmKernels:
 *
 * What the kernels that dom0 provides for qubes do without being told, read once for each:
 * - /var/lib/qubes/vm-kernels/NAME/default-kernelopts-common.txt, which qubesd puts on the command line of every qube
 *   with that kernel (qubes/vm/qubesvm.py, kernelopts_common);
 * - /boot/config-*, the configuration of dom0's kernel of the same version and release, which is built from the same
 *   sources with the same configuration.
 *
 * It follows the qubes of a system, and tells each what is known of its kernel.
 */
#define LIVE_TYPE_VM_KERNELS (live_vm_kernels_get_type ())
G_DECLARE_FINAL_TYPE (LiveVmKernels, live_vm_kernels, LIVE, VM_KERNELS, GObject)

/* @root: prefix of /var and /boot, empty for the real ones */
LiveVmKernels *live_vm_kernels_new (LiveSystem *system, const char *root);

/**
 * live_vm_kernel_read:
 * @root: prefix of /var and /boot, empty for the real ones
 * @name: name of a kernel, as the property `kernel` of a qube has it, which may be anything
 * @facts: (out): what is known of it
 *
 * Blocks for some small files: not for the main loop.
 *
 * Returns: (transfer full) (nullable): the text that @facts points to
 */
char *live_vm_kernel_read (const char *root, const char *name, LiveKernelFacts *facts);

G_END_DECLS
