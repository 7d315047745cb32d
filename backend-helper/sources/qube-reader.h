/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/qube.h"
#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * LiveRead:
 * @LIVE_READ_STATE: the power state: one call
 * @LIVE_READ_ROOT: the root volume: one call
 * @LIVE_READ_PRIVATE: the private volume: one call
 * @LIVE_READ_VOLATILE: the volatile volume: one call
 * @LIVE_READ_LABEL: label and `template_for_dispvms`: one call, see live_qube_read_async()
 * @LIVE_READ_FEATURES: those of #LiveFeature: one call, and one for each that is set
 * @LIVE_READ_TEMPLATE: of a disposable, its template: one call
 * @LIVE_READ_KERNEL: the properties `kernel` and `kernelopts`: two calls. Read with the features of a qube that has a
 *   policy or memory hygiene, else only when asked for, because most qubes have neither
 * @LIVE_READ_ONE_FEATURE: use live_read_feature(): the bits from here on are one feature each: one call
 *
 * What there is to read of a qube.
 */
typedef enum
{
  LIVE_READ_NOTHING = 0,
  LIVE_READ_ROOT = 1 << LIVE_VOLUME_ROOT,
  LIVE_READ_PRIVATE = 1 << LIVE_VOLUME_PRIVATE,
  LIVE_READ_VOLATILE = 1 << LIVE_VOLUME_VOLATILE,
  LIVE_READ_VOLUMES = LIVE_READ_ROOT | LIVE_READ_PRIVATE | LIVE_READ_VOLATILE,
  LIVE_READ_STATE = 1 << 3,
  LIVE_READ_LABEL = 1 << 4,
  LIVE_READ_FEATURES = 1 << 5,
  LIVE_READ_TEMPLATE = 1 << 6,
  LIVE_READ_KERNEL = 1 << 7,
  LIVE_READ_ONE_FEATURE = 1 << 8,
  LIVE_READ_FIRST = LIVE_READ_STATE | LIVE_READ_VOLUMES | LIVE_READ_LABEL | LIVE_READ_FEATURES | LIVE_READ_TEMPLATE,
  LIVE_READ_ALL = LIVE_READ_FIRST | LIVE_READ_KERNEL
} LiveRead;
G_STATIC_ASSERT (8 + LIVE_N_FEATURES < 31);

/* What to read when one feature may have changed. */
static inline LiveRead
live_read_feature (LiveFeature feature)
{
  return (LiveRead) (LIVE_READ_ONE_FEATURE << feature);
}

/**
 * live_qube_read_async:
 * @client: where to read
 * @qube: what to read; its facts are set when all answers are there, so that they belong together
 * @what: which of them
 * @cancellable: (nullable): stops it; nothing is set then
 *
 * The calls are sent together. Label and `template_for_dispvms` come from the one property `icon`, which is
 * TYPE-LABEL, with the type `templatevm` for an AppVM only if it is a disposable template (qubes/vm/appvm.py, since
 * Qubes 4.1): two facts in a quarter of the time of `admin.vm.property.GetAll`.
 *
 * Volumes that cannot be read are no error here: the qube remembers why, and that it does not know them.
 */
void live_qube_read_async (LiveQubesdClient *client, LiveQube *qube, LiveRead what, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);

/**
 * live_qube_read_finish:
 *
 * Errors: %LIVE_ERROR_NOT_FOUND when there is no such qube any more, %LIVE_ERROR_QUBESD_UNREACHABLE,
 * %LIVE_ERROR_CANCELLED, %LIVE_ERROR_PROTOCOL.
 *
 * Returns: whether everything asked for was set, except volumes that qubesd does not tell about
 */
gboolean live_qube_read_finish (LiveQube *qube, GAsyncResult *result, GError **error);

G_END_DECLS
