/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/pools-menu.h"

#include "model/job.h"
#include "tray/check-item.h"
#include "tray/create-pool-dialog.h"
#include "tray/job-watch.h"
#include "tray/pool-menu.h"

#include <glib/gi18n.h>

struct _LivePoolsMenu
{
  LiveClient *client;
  LiveNotifier *notifier;
  GtkWidget *item;
  GtkWidget *menu;
  GPtrArray *pools; /* of LivePoolMenu, sorted by name */
  gboolean prepared;
  LiveCreatePoolDialog *dialog;
};

/* What a call needs, whatever becomes of the menu meanwhile. */
typedef struct
{
  LiveNotifier *notifier;
  char *name;
} Creation;

static void
creation_free (Creation *creation)
{
  g_object_unref (creation->notifier);
  g_free (creation->name);
  g_free (creation);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Creation, creation_free)

/* A new one. */

static void
creation_begun (GObject *client, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Creation) creation = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *job = live_client_create_ram_pool_finish (LIVE_CLIENT (client), result, &error);

  /* How a job ends is told by whoever watches jobs. */
  if (job == NULL)
    live_job_watch_tell_failed (creation->notifier, LIVE_JOB_CREATE_RAM_POOL, creation->name, error);
}

static void
create_accepted (LiveCreatePoolDialog *dialog, LivePoolsMenu *self)
{
  Creation *creation = g_new0 (Creation, 1);
  GVariantBuilder options;

  creation->notifier = g_object_ref (self->notifier);
  creation->name = g_strdup (live_create_pool_dialog_get_name (dialog));
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (live_create_pool_dialog_get_is_default (dialog))
    g_variant_builder_add (&options, "{sv}", "default", g_variant_new_boolean (TRUE));
  live_client_create_ram_pool_async (self->client, creation->name, live_create_pool_dialog_get_size (dialog),
                                     g_variant_builder_end (&options), NULL, creation_begun, creation);
}

static void
create_chosen (GtkMenuItem *item, LivePoolsMenu *self)
{
  if (self->dialog == NULL)
    {
      self->dialog = live_create_pool_dialog_new (self->client);
      g_signal_connect (self->dialog, "accepted", G_CALLBACK (create_accepted), self);
      g_signal_connect (self->dialog, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->dialog);
    }
  gtk_window_present (GTK_WINDOW (self->dialog));
}

/* Those that there are. */

static guint
find_place (LivePoolsMenu *self, const char *name)
{
  guint place = 0;

  while (place < self->pools->len
         && g_strcmp0 (live_client_pool_get_name (live_pool_menu_get_pool (self->pools->pdata[place])), name) < 0)
    place++;
  return place;
}

static void
pool_added (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = find_place (self, live_client_pool_get_name (pool));
  LivePoolMenu *menu = live_pool_menu_new (client, pool, self->notifier);

  if (self->prepared)
    live_pool_menu_prepare (menu);
  g_ptr_array_insert (self->pools, (int) place, menu);
  gtk_menu_shell_insert (GTK_MENU_SHELL (self->menu), live_pool_menu_get_row (menu), (int) place);
  live_menu_item_set_visible (self->item, TRUE);
}

static LivePoolMenu *
find_pool (LivePoolsMenu *self, LiveClientPool *pool, guint *place)
{
  for (*place = 0; *place < self->pools->len; ++*place)
    if (live_pool_menu_get_pool (self->pools->pdata[*place]) == pool)
      return self->pools->pdata[*place];
  return NULL;
}

static void
pool_removed (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = 0;

  if (find_pool (self, pool, &place) != NULL)
    g_ptr_array_remove_index (self->pools, place);
  live_menu_item_set_visible (self->item, self->pools->len > 0);
}

static void
pool_changed (LiveClient *client, LiveClientPool *pool, LivePoolsMenu *self)
{
  guint place = 0;
  LivePoolMenu *menu = find_pool (self, pool, &place);

  if (menu != NULL)
    live_pool_menu_update (menu);
}

/* While a job is about a pool, nothing else can be done to it. */
static void
job_changed (LiveClient *client, LiveClientJob *job, LivePoolsMenu *self)
{
  LiveClientPool *pool = live_client_find_pool (client, live_client_job_get_subject (job));

  if (pool != NULL)
    pool_changed (client, pool, self);
}

/* Its row can be pressed now: what is behind the rows in it has to be there. */
static void
opened (GtkMenuItem *item, LivePoolsMenu *self)
{
  self->prepared = TRUE;
  for (guint i = 0; i < self->pools->len; i++)
    live_pool_menu_prepare (self->pools->pdata[i]);
}

static void
build (LivePoolsMenu *self)
{
  GtkWidget *create = live_menu_item_new (_ ("Create a pool in RAM…"), TRUE);

  self->item = g_object_ref_sink (live_menu_item_new (_ ("Pools"), TRUE));
  self->menu = gtk_menu_new ();
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), live_menu_separator_new ());
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), create);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->item), self->menu);
  gtk_widget_set_visible (self->item, FALSE);
  g_signal_connect (create, "activate", G_CALLBACK (create_chosen), self);
  g_signal_connect (self->item, "activate", G_CALLBACK (opened), self);
}

LivePoolsMenu *
live_pools_menu_new (LiveClient *client, LiveNotifier *notifier)
{
  LivePoolsMenu *self = g_new0 (LivePoolsMenu, 1);
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->pools = g_ptr_array_new_with_free_func ((GDestroyNotify) live_pool_menu_free);
  build (self);
  for (guint i = 0; i < pools->len; i++)
    pool_added (client, pools->pdata[i], self);
  g_signal_connect (client, "pool-added", G_CALLBACK (pool_added), self);
  g_signal_connect (client, "pool-removed", G_CALLBACK (pool_removed), self);
  g_signal_connect (client, "pool-changed", G_CALLBACK (pool_changed), self);
  g_signal_connect (client, "job-added", G_CALLBACK (job_changed), self);
  g_signal_connect (client, "job-changed", G_CALLBACK (job_changed), self);
  g_signal_connect (client, "job-removed", G_CALLBACK (job_changed), self);
  return self;
}

void
live_pools_menu_free (LivePoolsMenu *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->dialog != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  g_ptr_array_unref (self->pools);
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
