/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/pools-menu.h"

#include "client/words.h"
#include "tray/check-item.h"

#include <glib/gi18n.h>

struct _LivePoolsMenu
{
  LiveClient *client;
  LiveNotifier *notifier;
  GtkWidget *item;
  GtkWidget *menu;
  GPtrArray *rows; /* of Row, sorted by name of the pool */
};

/* One pool. */
typedef struct
{
  grefcount references; /* one is the menu's, one that of an action under way */
  LiveClient *client;
  LiveClientPool *pool;
  LiveNotifier *notifier;
  gboolean freed;
  gboolean busy;

  GtkWidget *row;
  GtkWidget *driver;
  GtkWidget *usage;
  GtkWidget *ephemeral_volatile;
} Row;

static void
row_unref (Row *row)
{
  if (!g_ref_count_dec (&row->references))
    return;
  g_object_unref (row->row);
  g_object_unref (row->client);
  g_object_unref (row->pool);
  g_object_unref (row->notifier);
  g_free (row);
}

static void
row_free (gpointer data)
{
  Row *row = data;

  row->freed = TRUE;
  gtk_widget_destroy (row->row);
  row_unref (row);
}

static char *
driver_words (LiveClientPool *pool)
{
  const char *kind = live_client_pool_get_kind (pool);
  g_autofree char *driver = live_words_clean (live_client_pool_get_driver (pool));

  if (g_str_equal (kind, "disk"))
    return g_strdup_printf (_ ("On a disk (driver %s)"), driver);
  if (g_str_equal (kind, "ram"))
    return g_strdup_printf (_ ("In RAM (driver %s)"), driver);
  if (g_str_equal (kind, "encrypted"))
    return g_strdup_printf (_ ("On a disk, under a key of its own (driver %s)"), driver);
  return g_strdup_printf (_ ("Place not known (driver %s)"), driver);
}

static void
row_update (Row *row)
{
  gboolean supported = live_client_pool_get_ephemeral_volatile_supported (row->pool);
  g_autofree char *driver = driver_words (row->pool);
  g_autofree char *usage
      = live_words_usage (live_client_pool_get_used (row->pool), live_client_pool_get_size (row->pool));

  if (row->freed)
    return;
  live_menu_item_set_label (row->driver, driver);
  live_menu_item_set_label (row->usage, row->busy ? _ ("A change is under way…") : usage);
  live_menu_item_set_label (row->ephemeral_volatile,
                            supported ? _ ("Volatile volumes under a throw-away key")
                                      : _ ("Volatile volumes under a throw-away key (its driver cannot)"));
  live_menu_item_set_sensitive (row->ephemeral_volatile, supported && !row->busy);
  live_check_item_set_shown (LIVE_CHECK_ITEM (row->ephemeral_volatile),
                             supported && live_client_pool_get_ephemeral_volatile (row->pool));
}

static void
ephemeral_volatile_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  Row *row = user_data;
  g_autoptr (GError) error = NULL;

  if (!live_client_set_pool_ephemeral_volatile_finish (LIVE_CLIENT (client), result, &error))
    live_notifier_send_error (row->notifier, live_client_pool_get_name (row->pool), error);
  row->busy = FALSE;
  row_update (row);
  row_unref (row);
}

static void
ephemeral_volatile_chosen (LiveCheckItem *item, Row *row)
{
  if (row->busy || !live_client_pool_get_ephemeral_volatile_supported (row->pool))
    return;
  g_ref_count_inc (&row->references);
  row->busy = TRUE;
  row_update (row);
  live_client_set_pool_ephemeral_volatile_async (
      row->client, row->pool, !live_client_pool_get_ephemeral_volatile (row->pool), NULL, ephemeral_volatile_set, row);
}

static Row *
row_new (LivePoolsMenu *self, LiveClientPool *pool)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *menu = gtk_menu_new ();

  g_ref_count_init (&row->references);
  row->client = g_object_ref (self->client);
  row->pool = g_object_ref (pool);
  row->notifier = g_object_ref (self->notifier);
  row->row = g_object_ref_sink (live_menu_item_new (live_client_pool_get_name (pool), TRUE));
  row->driver = live_menu_item_new ("", FALSE);
  row->usage = live_menu_item_new ("", FALSE);
  row->ephemeral_volatile = live_check_item_new ("", FALSE);
  g_signal_connect (row->ephemeral_volatile, "chosen", G_CALLBACK (ephemeral_volatile_chosen), row);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), row->driver);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), row->usage);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), row->ephemeral_volatile);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (row->row), menu);
  row_update (row);
  return row;
}

static guint
find_place (LivePoolsMenu *self, const char *name)
{
  guint place = 0;

  while (place < self->rows->len
         && g_strcmp0 (live_client_pool_get_name (((Row *)self->rows->pdata[place])->pool), name) < 0)
    place++;
  return place;
}

static void
pool_added (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = find_place (self, live_client_pool_get_name (pool));
  Row *row = row_new (self, pool);

  g_ptr_array_insert (self->rows, (int)place, row);
  gtk_menu_shell_insert (GTK_MENU_SHELL (self->menu), row->row, (int)place);
  live_menu_item_set_visible (self->item, TRUE);
}

static Row *
find_row (LivePoolsMenu *self, LiveClientPool *pool, guint *place)
{
  for (*place = 0; *place < self->rows->len; ++*place)
    {
      Row *row = self->rows->pdata[*place];

      if (row->pool == pool)
        return row;
    }
  return NULL;
}

static void
pool_removed (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = 0;

  if (find_row (self, pool, &place) != NULL)
    g_ptr_array_remove_index (self->rows, place);
  live_menu_item_set_visible (self->item, self->rows->len > 0);
}

static void
pool_changed (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = 0;
  Row *row = find_row (self, pool, &place);

  if (row != NULL)
    row_update (row);
}

LivePoolsMenu *
live_pools_menu_new (LiveClient *client, LiveNotifier *notifier)
{
  LivePoolsMenu *self = g_new0 (LivePoolsMenu, 1);
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->item = g_object_ref_sink (live_menu_item_new (_ ("Pools"), TRUE));
  self->menu = gtk_menu_new ();
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->item), self->menu);
  gtk_widget_set_visible (self->item, FALSE);
  for (guint i = 0; i < pools->len; i++)
    pool_added (client, pools->pdata[i], self);
  g_signal_connect (client, "pool-added", G_CALLBACK (pool_added), self);
  g_signal_connect (client, "pool-removed", G_CALLBACK (pool_removed), self);
  g_signal_connect (client, "pool-changed", G_CALLBACK (pool_changed), self);
  return self;
}

void
live_pools_menu_free (LivePoolsMenu *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_ptr_array_unref (self->rows);
  gtk_widget_destroy (self->item);
  g_object_unref (self->item);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_free (self);
}

GtkWidget *
live_pools_menu_get_item (LivePoolsMenu *self)
{
  return self->item;
}
