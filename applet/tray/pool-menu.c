/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/pool-menu.h"

#include "client/pool-words.h"
#include "client/words.h"
#include "tray/check-item.h"
#include "tray/lazy-menu.h"
#include "tray/pool-control.h"

#include <glib/gi18n.h>

struct _LivePoolMenu
{
  LiveClient *client;
  LiveClientPool *pool;
  LiveNotifier *notifier;

  GtkWidget *row;
  /* NULL before live_pool_menu_prepare(). */
  LivePoolControl *control;
  LiveLazyMenu *items;
};

/* What the submenu may hold, from top to bottom. */
typedef enum
{
  BUSY,
  GONE,
  PLACE,
  USAGE,
  OURS,
  IS_DEFAULT,
  DEFAULT,
  EPHEMERAL_VOLATILE,
  DESTROY_SEPARATOR,
  DESTROY,
  N_ITEMS
} Item;

/* What is chosen. */

static void
default_chosen (gpointer data)
{
  live_pool_control_toggle_default (((LivePoolMenu *) data)->control);
}

static void
ephemeral_volatile_chosen (gpointer data)
{
  live_pool_control_toggle_ephemeral_volatile (((LivePoolMenu *) data)->control);
}

static void
destroy_chosen (gpointer data)
{
  live_pool_control_ask_to_destroy (((LivePoolMenu *) data)->control);
}

static const LiveLazyItem item_kinds[N_ITEMS] = {
  [BUSY] = { LIVE_LAZY_LINE, NULL },
  [GONE] = { LIVE_LAZY_LINE, NULL },
  [PLACE] = { LIVE_LAZY_LINE, NULL },
  [USAGE] = { LIVE_LAZY_LINE, NULL },
  [OURS] = { LIVE_LAZY_LINE, NULL },
  [IS_DEFAULT] = { LIVE_LAZY_LINE, NULL },
  [DEFAULT] = { LIVE_LAZY_CHECK, default_chosen },
  [EPHEMERAL_VOLATILE] = { LIVE_LAZY_CHECK, ephemeral_volatile_chosen },
  [DESTROY_SEPARATOR] = { LIVE_LAZY_SEPARATOR, NULL },
  [DESTROY] = { LIVE_LAZY_ACTION, destroy_chosen },
};

/* What is shown. */

static void
show_line (LivePoolMenu *self, Item item, const char *text)
{
  if (text != NULL)
    live_lazy_menu_show (self->items, item, text, FALSE);
  else
    live_lazy_menu_hide (self->items, item);
}

static char *
place_words (LiveClientPool *pool)
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

static gboolean
is_gone (LivePoolMenu *self)
{
  return g_str_equal (live_client_pool_get_state (self->pool), "gone");
}

static void
update_row (LivePoolMenu *self)
{
  const char *name = live_client_pool_get_name (self->pool);
  g_autofree char *notes = live_pool_words_notes (self->pool);
  g_autofree char *label = NULL;

  if (*notes == '\0')
    label = g_strdup (name);
  else
    /* Translators: a pool's row in the menu: its name, then such as "new qubes go to it" */
    label = g_strdup_printf (_ ("%s: %s"), name, notes);
  live_menu_item_set_label (self->row, label);
}

static void
update_lines (LivePoolMenu *self)
{
  gboolean gone = is_gone (self);
  gboolean managed = live_client_pool_get_managed (self->pool);
  g_autofree char *place = place_words (self->pool);
  g_autofree char *usage
      = live_pool_words_usage (live_client_pool_get_used (self->pool), live_client_pool_get_size (self->pool),
                               live_client_pool_get_memory_used (self->pool));

  show_line (self, BUSY, live_pool_control_is_busy (self->control) ? _ ("A change is under way…") : NULL);
  show_line (self, GONE, gone ? _ ("Its storage is gone: what was in it is lost") : NULL);
  show_line (self, PLACE, gone ? NULL : place);
  show_line (self, USAGE, gone ? NULL : usage);
  show_line (self, OURS, managed ? _ ("Made by Qubes Live") : NULL);
  /* Where it can be changed, the mark says so. */
  show_line (self, IS_DEFAULT,
             live_client_pool_get_is_default (self->pool) && (gone || !managed) ? _ ("New qubes go to this pool")
                                                                                : NULL);
}

static void
update_settings (LivePoolMenu *self)
{
  gboolean supported = live_client_pool_get_ephemeral_volatile_supported (self->pool);

  if (live_client_pool_get_managed (self->pool) && !is_gone (self))
    live_lazy_menu_show_marked (self->items, DEFAULT, _ ("New qubes go to this pool"),
                                live_pool_control_may_set_default (self->control),
                                live_client_pool_get_is_default (self->pool));
  else
    live_lazy_menu_hide (self->items, DEFAULT);
  if (is_gone (self))
    live_lazy_menu_hide (self->items, EPHEMERAL_VOLATILE);
  else
    live_lazy_menu_show_marked (self->items, EPHEMERAL_VOLATILE,
                                supported ? _ ("Volatile volumes under a throw-away key")
                                          : _ ("Volatile volumes under a throw-away key (its driver cannot)"),
                                live_pool_control_may_set_ephemeral_volatile (self->control),
                                supported && live_client_pool_get_ephemeral_volatile (self->pool));
}

static void
update_destroy (LivePoolMenu *self)
{
  gboolean managed = live_client_pool_get_managed (self->pool);

  if (!managed && !is_gone (self))
    {
      live_lazy_menu_hide (self->items, DESTROY_SEPARATOR);
      live_lazy_menu_hide (self->items, DESTROY);
      return;
    }
  live_lazy_menu_show (self->items, DESTROY_SEPARATOR, NULL, FALSE);
  live_lazy_menu_show (self->items, DESTROY,
                       !managed         ? _ ("Remove (it was not made by Qubes Live)")
                       : is_gone (self) ? _ ("Remove…")
                                        : _ ("Destroy…"),
                       live_pool_control_may_destroy (self->control));
}

void
live_pool_menu_update (LivePoolMenu *self)
{
  update_row (self);
  if (self->items == NULL)
    return;
  update_lines (self);
  update_settings (self);
  update_destroy (self);
}

static void
control_changed (gpointer data)
{
  live_pool_menu_update (data);
}

void
live_pool_menu_prepare (LivePoolMenu *self)
{
  if (self->items != NULL)
    return;
  self->control = live_pool_control_new (self->client, self->pool, self->notifier, control_changed, self);
  self->items = live_lazy_menu_new (item_kinds, N_ITEMS, self);
  live_pool_menu_update (self);
  /* Only now: a panel that gets the submenu in pieces may size its window for the first piece. */
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->row), live_lazy_menu_get_menu (self->items));
}

LivePoolMenu *
live_pool_menu_new (LiveClient *client, LiveClientPool *pool, LiveNotifier *notifier)
{
  LivePoolMenu *self = g_new0 (LivePoolMenu, 1);

  self->client = g_object_ref (client);
  self->pool = g_object_ref (pool);
  self->notifier = g_object_ref (notifier);
  self->row = g_object_ref_sink (live_menu_item_new ("", TRUE));
  live_pool_menu_update (self);
  return self;
}

void
live_pool_menu_free (LivePoolMenu *self)
{
  g_clear_pointer (&self->control, live_pool_control_free);
  /* Before its items go with the row. */
  g_clear_pointer (&self->items, live_lazy_menu_free);
  gtk_widget_destroy (self->row);
  g_object_unref (self->row);
  g_object_unref (self->client);
  g_object_unref (self->pool);
  g_object_unref (self->notifier);
  g_free (self);
}

LiveClientPool *
live_pool_menu_get_pool (LivePoolMenu *self)
{
  return self->pool;
}

GtkWidget *
live_pool_menu_get_row (LivePoolMenu *self)
{
  return self->row;
}
