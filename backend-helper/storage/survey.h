/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/task.h"

G_BEGIN_DECLS

/* What there is: every pool that is remembered, and how it is. (transfer full) */
JsonObject *live_survey_list (GError **error);

/* What could be made: memory, and what the kernel has. (transfer full) */
JsonObject *live_survey_budget (GError **error);

G_END_DECLS
