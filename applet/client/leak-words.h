/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From the leaks of dom0 (backend-helper/model/leaks.h) to sentences, as client/words.h does it for the rest. */

/* How something reaches the disk, or may; @parameters is a{sv}. (transfer full) */
char *live_leak_words (const char *code, GVariant *parameters);

/* What to do about it. (transfer full) (nullable): %NULL for an empty @remedy. */
char *live_leak_words_remedy (const char *remedy);

/* "persistent: on a disk", "overlay: …". (transfer full) */
char *live_leak_words_boot_mode (const char *boot_mode);

G_END_DECLS
