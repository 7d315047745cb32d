/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * live_dom0_qube_create:
 * @template: (nullable): name of the template
 * @label: (nullable): label; a disposable takes its template's when %NULL
 * @pools: (nullable): LIVE_DOM0_N_VOLUMES pools, %NULL for the default
 * @creator: (nullable): who asked, for the tag `created-by-…`
 *
 * Creates a qube with its volumes and sends the events of `admin.vm.Create…`.
 *
 * Returns: (transfer none) (nullable): the qube
 */
LiveDom0Qube *live_dom0_qube_create (LiveDom0 *dom0,
                                     const char *name,
                                     LiveDom0Class class,
                                     const char *label,
                                     const char *template,
                                     LiveDom0Pool *const *pools,
                                     const char *creator,
                                     GError **error);

/* What is to be done with a new qube before its disk exists. */
typedef void (*LiveDom0Introduced) (LiveDom0 *dom0, LiveDom0Qube *qube);

/**
 * live_dom0_disposable_create:
 * @introduced: (nullable): called once the qube is announced
 *
 * What `admin.vm.CreateDisposable` does when there is no preloaded disposable to hand out.
 *
 * Returns: (transfer none) (nullable): the new disposable
 */
LiveDom0Qube *
live_dom0_disposable_create (LiveDom0 *dom0, LiveDom0Qube *template, LiveDom0Introduced introduced, GError **error);

void live_dom0_tag_add (LiveDom0 *dom0, LiveDom0Qube *qube, const char *tag);

/**
 * live_dom0_qube_remove:
 *
 * What `admin.vm.Remove` does: refuses to remove what runs or is in use.
 */
gboolean live_dom0_qube_remove (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error);

/**
 * live_dom0_name_check:
 *
 * Whether @name can name a qube; the message is qubesd's.
 */
gboolean live_dom0_name_check (const char *name, GError **error);

/**
 * live_dom0_qube_delete:
 *
 * Takes a qube out of the store without any check, and announces it. The qube is freed.
 */
void live_dom0_qube_delete (LiveDom0 *dom0, LiveDom0Qube *qube);
