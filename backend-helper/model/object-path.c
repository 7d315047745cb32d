/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/object-path.h"

#include <string.h>

char *
live_object_path (const char *kind, const char *name)
{
  GString *path = NULL;

  g_return_val_if_fail (kind != NULL && *kind != '\0', NULL);
  g_return_val_if_fail (name != NULL && *name != '\0', NULL);

  path = g_string_new (LIVE_OBJECT_ROOT "/");
  g_string_append (path, kind);
  g_string_append_c (path, '/');
  for (const char *byte = name; *byte != '\0'; byte++)
    {
      if (g_ascii_isalnum (*byte))
        g_string_append_c (path, *byte);
      else
        g_string_append_printf (path, "_%02x", (guint) (guchar) *byte);
    }
  return g_string_free (path, FALSE);
}

gboolean
live_name_is_valid (const char *name)
{
  gsize length = 0;

  if (name == NULL || !g_ascii_isalnum (*name))
    return FALSE;
  for (; name[length] != '\0'; length++)
    {
      if (length >= 63)
        return FALSE;
      if (!g_ascii_isalnum (name[length]) && strchr ("-_.", name[length]) == NULL)
        return FALSE;
    }
  return TRUE;
}
