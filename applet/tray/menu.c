/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/menu.h"

#include "client/leak-words.h"
#include "client/words.h"
#include "tray/bulk-window.h"
#include "tray/check-item.h"
#include "tray/countdown.h"
#include "tray/jobs-menu.h"
#include "tray/pools-menu.h"
#include "tray/qube-group.h"
#include "tray/qube-menu.h"
#include "tray/take-over-window.h"

#include <glib/gi18n.h>
#include <string.h>

/* So many reasons are listed; hundreds would only be scrolled past. */
#define REASONS_SHOWN 30

/* A submenu of "Other qubes"; exists while there is a qube in it. */
typedef struct
{
  char *key; /* also the order of the groups */
  GtkWidget *item;
  LiveQubeGroup *qubes;
} OtherGroup;

/* Where a qube's row is. */
typedef struct
{
  LiveQubeMenu *menu;
  OtherGroup *other; /* NULL: among the running ones */
} Place;

struct _LiveTrayMenu
{
  LiveClient *client;
  LiveNotifier *notifier;
  LiveWindows *windows;
  LiveCountdown *countdown;
  void (*quit) (gpointer data);
  gpointer quit_data;

  GtkWidget *menu;
  GtkWidget *status;
  GtkWidget *why;
  GtkWidget *why_menu;
  GPtrArray *reasons; /* of GtkWidget, the lines of why_menu */
  LiveQubeGroup *running;
  GtkWidget *running_end; /* the separator behind the running qubes */
  GtkWidget *other;
  GtkWidget *other_menu;
  GPtrArray *others; /* of OtherGroup, sorted by key */
  LiveBulkWindow *bulk;
  GtkWidget *bulk_separator;
  LivePoolsMenu *pools;
  LiveJobsMenu *jobs;
  LiveTakeOverWindow *take_over;
  GtkWidget *refresh;
  GHashTable *places; /* LiveClientQube → Place */
};

/* Groups of the qubes that do not run. */

/* (transfer full): disposable templates first, then templates, then by label in the order that Qubes gives them. */
static char *
group_key (LiveClientQube *qube)
{
  static const char *const labels[] = { "red", "orange", "yellow", "green", "gray", "blue", "purple", "black" };
  const char *label = live_client_qube_get_label (qube);
  gsize place = 0;

  if (live_client_qube_get_template_for_dispvms (qube))
    return g_strdup ("1");
  if (g_str_equal (live_client_qube_get_class (qube), "TemplateVM"))
    return g_strdup ("2");
  while (place < G_N_ELEMENTS (labels) && !g_str_equal (labels[place], label))
    place++;
  return g_strdup_printf ("3%c%s", (char) ('0' + place), label);
}

static char *
group_title (const char *key)
{
  if (key[0] == '1')
    return g_strdup (_ ("Disposable templates"));
  if (key[0] == '2')
    return g_strdup (_ ("Templates"));
  return live_words_label_group (key + strlen ("30"));
}

static void
other_group_free (gpointer data)
{
  OtherGroup *group = data;

  live_qube_group_free (group->qubes);
  gtk_widget_destroy (group->item);
  g_object_unref (group->item);
  g_free (group->key);
  g_free (group);
}

static void
group_opened (GtkMenuItem *item, OtherGroup *group)
{
  live_qube_group_prepare (group->qubes);
}

static OtherGroup *
get_other_group (LiveTrayMenu *self, const char *key)
{
  g_autofree char *title = NULL;
  GtkWidget *menu = NULL;
  OtherGroup *group = NULL;
  guint place = 0;

  for (; place < self->others->len; place++)
    {
      group = self->others->pdata[place];
      if (g_str_equal (group->key, key))
        return group;
      if (g_strcmp0 (group->key, key) > 0)
        break;
    }
  title = group_title (key);
  menu = gtk_menu_new ();
  group = g_new0 (OtherGroup, 1);
  group->key = g_strdup (key);
  group->item = g_object_ref_sink (live_menu_item_new (title, TRUE));
  group->qubes = live_qube_group_new (GTK_MENU_SHELL (menu), 0);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (group->item), menu);
  g_signal_connect (group->item, "activate", G_CALLBACK (group_opened), group);
  g_ptr_array_insert (self->others, (int) place, group);
  gtk_menu_shell_insert (GTK_MENU_SHELL (self->other_menu), group->item, (int) place);
  return group;
}

/* Qubes. */

static void
put (LiveTrayMenu *self, Place *place)
{
  LiveClientQube *qube = live_qube_menu_get_qube (place->menu);
  g_autofree char *key = NULL;

  place->other = NULL;
  if (live_client_qube_is_running (qube))
    {
      live_qube_group_add (self->running, place->menu);
      return;
    }
  key = group_key (qube);
  place->other = get_other_group (self, key);
  live_qube_group_add (place->other->qubes, place->menu);
}

static void
take_out (LiveTrayMenu *self, Place *place)
{
  OtherGroup *other = place->other;

  if (other == NULL)
    {
      live_qube_group_remove (self->running, place->menu);
      return;
    }
  live_qube_group_remove (other->qubes, place->menu);
  if (live_qube_group_get_size (other->qubes) == 0)
    g_ptr_array_remove (self->others, other);
}

static gboolean
is_in_place (Place *place)
{
  LiveClientQube *qube = live_qube_menu_get_qube (place->menu);
  g_autofree char *key = NULL;

  if (live_client_qube_is_running (qube) || place->other == NULL)
    return live_client_qube_is_running (qube) && place->other == NULL;
  key = group_key (qube);
  return g_str_equal (key, place->other->key);
}

static void
update_visibility (LiveTrayMenu *self)
{
  gboolean bulk = gtk_widget_get_visible (live_bulk_window_get_item (self->bulk));

  live_menu_item_set_visible (self->running_end, live_qube_group_get_size (self->running) > 0);
  live_menu_item_set_visible (self->bulk_separator, bulk && self->others->len > 0);
  live_menu_item_set_visible (self->other, bulk || self->others->len > 0);
}

static void
qube_added (LiveClient *client, LiveClientQube *qube, LiveTrayMenu *self)
{
  Place *place = NULL;

  /* What dom0 itself leaves behind is what the whole indicator is about. */
  if (g_str_equal (live_client_qube_get_class (qube), "AdminVM"))
    return;
  place = g_new0 (Place, 1);
  place->menu = live_qube_menu_new (client, qube, self->notifier, self->windows);
  g_hash_table_insert (self->places, qube, place);
  put (self, place);
  update_visibility (self);
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveTrayMenu *self)
{
  Place *place = g_hash_table_lookup (self->places, qube);

  if (place == NULL)
    return;
  take_out (self, place);
  g_hash_table_remove (self->places, qube);
  update_visibility (self);
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveTrayMenu *self)
{
  Place *place = g_hash_table_lookup (self->places, qube);

  if (place == NULL)
    return;
  live_qube_menu_update (place->menu);
  if (is_in_place (place))
    return;
  take_out (self, place);
  put (self, place);
  update_visibility (self);
}

static void
time_passed (LiveClientQube *qube, gpointer data)
{
  LiveTrayMenu *self = data;
  Place *place = g_hash_table_lookup (self->places, qube);

  if (place != NULL)
    live_qube_menu_update (place->menu);
}

static void
place_free (gpointer data)
{
  Place *place = data;

  live_qube_menu_free (place->menu);
  g_free (place);
}

/* Status and reasons. */

static void
set_reason_line (LiveTrayMenu *self, guint place, const char *text)
{
  if (place < self->reasons->len)
    {
      live_menu_item_set_label (self->reasons->pdata[place], text);
      return;
    }
  g_ptr_array_add (self->reasons, live_menu_item_new (text, FALSE));
  gtk_menu_shell_append (GTK_MENU_SHELL (self->why_menu), self->reasons->pdata[place]);
}

/* (transfer full) (element-type utf8): a line for each reason, then for each leak when dom0 runs from RAM: that a dom0
 * on a disk has leaks is no news. */
static GPtrArray *
list_reasons (LiveTrayMenu *self)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  const char *indicator = live_client_get_indicator (self->client);
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, live_client_get_indicator_reasons (self->client));
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    g_ptr_array_add (lines, live_words_reason (code, parameters));
  if (!g_str_equal (indicator, "live") && !g_str_equal (indicator, "live-leaky"))
    return lines;
  g_variant_iter_init (&iter, live_client_get_leaks (self->client));
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, NULL, NULL, &parameters))
    g_ptr_array_add (lines, live_leak_words (code, parameters));
  return lines;
}

static void
update_reasons (LiveTrayMenu *self)
{
  g_autoptr (GPtrArray) lines = list_reasons (self);
  guint n_lines = MIN (lines->len, REASONS_SHOWN);

  for (guint i = 0; i < n_lines; i++)
    set_reason_line (self, i, lines->pdata[i]);
  if (lines->len > n_lines)
    {
      guint n_more = lines->len - n_lines;
      g_autofree char *more
          = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more", "and %u more", n_more), n_more);

      set_reason_line (self, n_lines, more);
      n_lines++;
    }
  while (self->reasons->len > n_lines)
    {
      gtk_widget_destroy (self->reasons->pdata[self->reasons->len - 1]);
      g_ptr_array_set_size (self->reasons, (int) self->reasons->len - 1);
    }
  live_menu_item_set_visible (self->why, n_lines > 0);
}

static void
update_status (LiveTrayMenu *self)
{
  g_autofree char *status = live_words_status (self->client);

  live_menu_item_set_label (self->status, status);
  update_reasons (self);
}

static void
refreshed (GObject *client, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LiveNotifier) notifier = user_data;
  g_autoptr (GError) error = NULL;

  if (!live_client_refresh_finish (LIVE_CLIENT (client), result, &error))
    live_notifier_send_error (notifier, NULL, error);
}

static void
refresh_chosen (GtkMenuItem *item, LiveTrayMenu *self)
{
  live_client_refresh_async (self->client, NULL, refreshed, g_object_ref (self->notifier));
}

static void
quit_chosen (GtkMenuItem *item, LiveTrayMenu *self)
{
  self->quit (self->quit_data);
}

/* The menu. */

static GtkWidget *
add (LiveTrayMenu *self, GtkWidget *item)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
  return item;
}

static void
build (LiveTrayMenu *self)
{
  GtkWidget *quit = NULL;

  self->menu = g_object_ref_sink (gtk_menu_new ());
  self->status = add (self, live_menu_item_new ("", FALSE));
  self->why = add (self, live_menu_item_new (_ ("Why?"), TRUE));
  self->why_menu = gtk_menu_new ();
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->why), self->why_menu);
  add (self, live_menu_separator_new ());
  self->running = live_qube_group_new (GTK_MENU_SHELL (self->menu), 3); /* behind these three */
  live_qube_group_prepare (self->running);
  self->running_end = add (self, live_menu_separator_new ());
  self->other = add (self, live_menu_item_new (_ ("Other qubes"), TRUE));
  self->other_menu = gtk_menu_new ();
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->other), self->other_menu);
  self->bulk_separator = live_menu_separator_new ();
  self->bulk = live_bulk_window_new (self->client, self->notifier);
  gtk_menu_shell_append (GTK_MENU_SHELL (self->other_menu), self->bulk_separator);
  gtk_menu_shell_append (GTK_MENU_SHELL (self->other_menu), live_bulk_window_get_item (self->bulk));
  g_signal_connect_swapped (live_bulk_window_get_item (self->bulk), "notify::visible", G_CALLBACK (update_visibility),
                            self);
  self->pools = live_pools_menu_new (self->client, self->notifier);
  add (self, live_pools_menu_get_item (self->pools));
  self->jobs = live_jobs_menu_new (self->client, self->notifier, GTK_MENU_SHELL (self->menu),
                                   live_pools_menu_get_item (self->pools));
  self->take_over = live_take_over_window_new (self->client, self->notifier);
  add (self, live_take_over_window_get_item (self->take_over));
  add (self, live_menu_separator_new ());
  self->refresh = add (self, live_menu_item_new (_ ("Refresh"), TRUE));
  quit = add (self, live_menu_item_new (_ ("Quit"), TRUE));
  g_signal_connect (self->refresh, "activate", G_CALLBACK (refresh_chosen), self);
  g_signal_connect (quit, "activate", G_CALLBACK (quit_chosen), self);
}

LiveTrayMenu *
live_tray_menu_new (LiveClient *client,
                    LiveNotifier *notifier,
                    LiveClock *clock,
                    LiveWindows *windows,
                    void (*quit) (gpointer),
                    gpointer data)
{
  LiveTrayMenu *self = g_new0 (LiveTrayMenu, 1);
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->windows = g_object_ref (windows);
  self->quit = quit;
  self->quit_data = data;
  self->reasons = g_ptr_array_new ();
  self->others = g_ptr_array_new_with_free_func (other_group_free);
  self->places = g_hash_table_new_full (NULL, NULL, NULL, place_free);
  build (self);
  for (guint i = 0; i < qubes->len; i++)
    qube_added (client, qubes->pdata[i], self);
  update_visibility (self);
  update_status (self);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_added), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (update_status), self);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (update_status), self);
  self->countdown = live_countdown_new (client, clock, time_passed, self);
  return self;
}

void
live_tray_menu_free (LiveTrayMenu *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  live_countdown_free (self->countdown);
  g_hash_table_unref (self->places);
  live_qube_group_free (self->running);
  g_ptr_array_unref (self->others);
  g_signal_handlers_disconnect_by_data (live_bulk_window_get_item (self->bulk), self);
  live_bulk_window_free (self->bulk);
  live_jobs_menu_free (self->jobs);
  live_pools_menu_free (self->pools);
  live_take_over_window_free (self->take_over);
  g_ptr_array_unref (self->reasons);
  gtk_widget_destroy (self->menu);
  g_object_unref (self->menu);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_object_unref (self->windows);
  g_free (self);
}

GtkMenu *
live_tray_menu_get_menu (LiveTrayMenu *self)
{
  return GTK_MENU (self->menu);
}

GtkWidget *
live_tray_menu_get_refresh_item (LiveTrayMenu *self)
{
  return self->refresh;
}
