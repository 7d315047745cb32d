/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "tray/qube-group.h"

struct _LiveQubeGroup
{
  GtkMenuShell *menu; /* not owned: it owns the group's place */
  guint offset;
  gboolean prepared;
  GPtrArray *qubes; /* of LiveQubeMenu, not owned, sorted by name */
};

LiveQubeGroup *
live_qube_group_new (GtkMenuShell *menu, guint offset)
{
  LiveQubeGroup *self = g_new0 (LiveQubeGroup, 1);

  self->menu = menu;
  self->offset = offset;
  self->qubes = g_ptr_array_new ();
  return self;
}

void
live_qube_group_free (LiveQubeGroup *self)
{
  g_ptr_array_unref (self->qubes);
  g_free (self);
}

/* The place of the first qube that does not come before @name. */
static guint
find_place (LiveQubeGroup *self, const char *name)
{
  guint low = 0;
  guint high = self->qubes->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_strcmp0 (live_client_qube_get_name (live_qube_menu_get_qube (self->qubes->pdata[middle])), name) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

void
live_qube_group_add (LiveQubeGroup *self, LiveQubeMenu *qube)
{
  guint place = find_place (self, live_client_qube_get_name (live_qube_menu_get_qube (qube)));

  if (self->prepared)
    live_qube_menu_prepare (qube);
  g_ptr_array_insert (self->qubes, (int)place, qube);
  gtk_menu_shell_insert (self->menu, live_qube_menu_get_row (qube), (int)(self->offset + place));
}

void
live_qube_group_remove (LiveQubeGroup *self, LiveQubeMenu *qube)
{
  guint place = find_place (self, live_client_qube_get_name (live_qube_menu_get_qube (qube)));

  g_return_if_fail (place < self->qubes->len && self->qubes->pdata[place] == qube);

  g_ptr_array_remove_index (self->qubes, place);
  gtk_container_remove (GTK_CONTAINER (self->menu), live_qube_menu_get_row (qube));
}

void
live_qube_group_prepare (LiveQubeGroup *self)
{
  self->prepared = TRUE;
  for (guint i = 0; i < self->qubes->len; i++)
    live_qube_menu_prepare (self->qubes->pdata[i]);
}

guint
live_qube_group_get_size (LiveQubeGroup *self)
{
  return self->qubes->len;
}
