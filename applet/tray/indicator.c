/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/indicator.h"

#include "client/words.h"

#ifdef HAVE_AYATANA_APPINDICATOR
#include <libayatana-appindicator/app-indicator.h>
#else
#include <libappindicator/app-indicator.h>
#endif

#define PANEL_NAME "org.kde.StatusNotifierWatcher"
/* Registering takes some milliseconds, on a busy machine more. */
#define REGISTRATION_SECONDS 4

struct _LiveTrayIndicator
{
  LiveClient *client;
  LiveTrayMenu *menu; /* not owned */
  char *icon_directory;
  AppIndicator *icon;
  guint watch;
  guint check;
};

/* A state that is newer than this program is one it does not know. */
static const char *
icon_name (const char *indicator)
{
  static const char *const icons[][2] = {
    { "live", "qubes-live-live" },           { "live-leaky", "qubes-live-live-leaky" },
    { "ephemeral", "qubes-live-ephemeral" }, { "persistent", "qubes-live-persistent" },
    { "alarm", "qubes-live-alarm" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (icons); i++)
    {
      if (g_str_equal (icons[i][0], indicator))
        return icons[i][1];
    }
  return "qubes-live-unknown";
}

static void
update (LiveTrayIndicator *self)
{
  const char *indicator = live_client_get_indicator (self->client);
  g_autofree char *status = live_words_status (self->client);

  /* Panels make the tooltip from the title and this description, and screen readers get the same. */
  app_indicator_set_title (self->icon, live_words_indicator_title (indicator));
  app_indicator_set_icon_full (self->icon, icon_name (indicator), status);
}

static void
set_icon_directory (LiveTrayIndicator *self, const char *icon_directory)
{
  g_autofree char *directory = g_canonicalize_filename (icon_directory, NULL);

  /* When there is no panel, libayatana-appindicator 0.5.92 looks for this directory in GTK's list and, where it is not
   * in it, reads on behind the list's end (status_icon_changes()): a crash while a panel restarts. So it shall be in.
   */
  gtk_icon_theme_prepend_search_path (gtk_icon_theme_get_default (), directory);
  app_indicator_set_icon_theme_path (self->icon, directory);
}

static void
make_icon (LiveTrayIndicator *self)
{
  self->icon = app_indicator_new ("qubes-live", "qubes-live-unknown", APP_INDICATOR_CATEGORY_SYSTEM_SERVICES);
  if (self->icon_directory != NULL)
    set_icon_directory (self, self->icon_directory);
  update (self);
  app_indicator_set_menu (self->icon, live_tray_menu_get_menu (self->menu));
  app_indicator_set_secondary_activate_target (self->icon, live_tray_menu_get_refresh_item (self->menu));
  app_indicator_set_status (self->icon, APP_INDICATOR_STATUS_ACTIVE);
}

static gboolean
check_registered (gpointer data)
{
  LiveTrayIndicator *self = data;
  gboolean registered = FALSE;

  g_object_get (self->icon, "connected", &registered, NULL);
  if (registered)
    {
      self->check = 0;
      return G_SOURCE_REMOVE;
    }
  g_message ("The panel has not got the icon; it is offered again");
  /* Where it failed the library keeps a reference that it never gives up, and with it the object paths on the bus. */
  g_object_run_dispose (G_OBJECT (self->icon));
  g_object_unref (self->icon);
  make_icon (self);
  return G_SOURCE_CONTINUE;
}

/*
 * libayatana-appindicator 0.5.92 asks for the bus and for the panel at the same time. When it hears of the panel first,
 * which a busy machine brings about when a session starts, it does not register, and never tries again.
 */
static void
panel_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  LiveTrayIndicator *self = data;

  if (self->check == 0)
    self->check = g_timeout_add_seconds (REGISTRATION_SECONDS, check_registered, self);
}

static void
panel_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  LiveTrayIndicator *self = data;

  if (self->check != 0)
    g_source_remove (self->check);
  self->check = 0;
}

LiveTrayIndicator *
live_tray_indicator_new (LiveClient *client, LiveTrayMenu *menu, const char *icon_directory)
{
  LiveTrayIndicator *self = g_new0 (LiveTrayIndicator, 1);

  self->client = g_object_ref (client);
  self->menu = menu;
  self->icon_directory = g_strdup (icon_directory);
  make_icon (self);
  self->watch = g_bus_watch_name (G_BUS_TYPE_SESSION, PANEL_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, panel_appeared,
                                  panel_vanished, self, NULL);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (update), self);
  return self;
}

void
live_tray_indicator_free (LiveTrayIndicator *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_bus_unwatch_name (self->watch);
  if (self->check != 0)
    g_source_remove (self->check);
  g_object_unref (self->icon);
  g_object_unref (self->client);
  g_free (self->icon_directory);
  g_free (self);
}
