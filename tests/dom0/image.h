/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/*
 * The images of volumes, as real files: only in pools in the directory where Qubes Live mounts what it makes, so that
 * what is below a pool is really used, and given back.
 */

/* Whether two files in @directory can share their blocks, as the driver file-reflink finds it out. */
gboolean live_dom0_image_can_share (const char *directory);

/* Makes the image of a volume that keeps what is written, with nothing in it. Does nothing for other volumes. */
gboolean live_dom0_image_create (LiveDom0Volume *volume, GError **error);

/* Makes the image of @volume one of @source, whose blocks it shares where that is possible. */
gboolean live_dom0_image_clone (LiveDom0Volume *volume, LiveDom0Volume *source, GError **error);

void live_dom0_image_remove (LiveDom0Volume *volume);
