/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"

G_BEGIN_DECLS

/* As many characters as qubesd takes for the property `kernelopts` (qubes/vm/qubesvm.py). */
#define LIVE_KERNEL_OPTIONS_MAX 512

/* What the feature `live.kernel-options` says when there was no value of its own before. */
#define LIVE_KERNEL_OPTIONS_WERE_DEFAULT "default"

/**
 * LiveMemoryHygiene:
 * @LIVE_MEMORY_HYGIENE_UNKNOWN: its kernel options were not read
 * @LIVE_MEMORY_HYGIENE_OFF: memory keeps what was in it
 * @LIVE_MEMORY_HYGIENE_ON: the qube's kernel options say `init_on_alloc=1` and `init_on_free=1`
 * @LIVE_MEMORY_HYGIENE_BUILT_IN: the qube's kernel does so without being told
 * @LIVE_MEMORY_HYGIENE_NOT_APPLICABLE: the qube brings its own kernel, which dom0 tells nothing
 *
 * Whether the kernel of a qube overwrites memory with zeros when it is handed out and when it is given back
 * (kernel docs, admin-guide/kernel-parameters).
 */
typedef enum
{
  LIVE_MEMORY_HYGIENE_UNKNOWN,
  LIVE_MEMORY_HYGIENE_OFF,
  LIVE_MEMORY_HYGIENE_ON,
  LIVE_MEMORY_HYGIENE_BUILT_IN,
  LIVE_MEMORY_HYGIENE_NOT_APPLICABLE
} LiveMemoryHygiene;

/**
 * live_memory_hygiene_judge:
 * @facts: what is known of the qube
 *
 * The command line of a qube is what its kernel brings for every qube (default-kernelopts-common.txt), then the
 * property `kernelopts`; of an argument that stands there twice the last one counts, and one without a sensible value
 * counts for nothing.
 */
LiveMemoryHygiene live_memory_hygiene_judge (const LiveQubeFacts *facts);

/* Whether these options, without anything else, switch both on. */
gboolean live_memory_hygiene_is_in (const char *options);

/**
 * live_memory_hygiene_add:
 * @options: the options that the qube has now, of its own or by default
 *
 * Returns: (transfer full): the same with both switched on, and nothing taken away
 */
char *live_memory_hygiene_add (const char *options);

/**
 * live_kernel_options_before:
 * @facts: a qube
 * @value: (out): what `kernelopts` was before memory hygiene was switched on; %NULL: its default
 *
 * Returns: whether the feature `live.kernel-options` is there and says so
 */
gboolean live_kernel_options_before (const LiveQubeFacts *facts, const char **value);

/* As on the bus. */
const char *live_memory_hygiene_to_string (LiveMemoryHygiene hygiene);

G_END_DECLS
