/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client-qube.h"

G_BEGIN_DECLS

/* The labels of those items in a qube's menu that stay when they cannot be chosen, and then say why. (transfer none) */

/* Of the policies "full" and "root". */
const char *live_qube_labels_full (LiveClientQube *qube);
const char *live_qube_labels_root (LiveClientQube *qube);

const char *live_qube_labels_memory_hygiene (LiveClientQube *qube);
const char *live_qube_labels_run_in_ram (LiveClientQube *qube);

G_END_DECLS
