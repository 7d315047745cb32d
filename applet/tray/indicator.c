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

struct _LiveTrayIndicator
{
  LiveClient *client;
  AppIndicator *icon;
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

LiveTrayIndicator *
live_tray_indicator_new (LiveClient *client, LiveTrayMenu *menu, const char *icon_directory)
{
  LiveTrayIndicator *self = g_new0 (LiveTrayIndicator, 1);

  self->client = g_object_ref (client);
  self->icon = app_indicator_new ("qubes-live", "qubes-live-unknown", APP_INDICATOR_CATEGORY_SYSTEM_SERVICES);
  if (icon_directory != NULL)
    set_icon_directory (self, icon_directory);
  update (self);
  app_indicator_set_menu (self->icon, live_tray_menu_get_menu (menu));
  app_indicator_set_secondary_activate_target (self->icon, live_tray_menu_get_refresh_item (menu));
  app_indicator_set_status (self->icon, APP_INDICATOR_STATUS_ACTIVE);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (update), self);
  return self;
}

void
live_tray_indicator_free (LiveTrayIndicator *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_object_unref (self->icon);
  g_object_unref (self->client);
  g_free (self);
}
