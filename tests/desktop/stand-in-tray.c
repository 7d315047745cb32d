/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A tray icon with a menu of every kind of row, to test the test desktop itself: what it finds, clicks and photographs.
 * An icon file whose name starts with the argument must be in the directory that is the other argument.
 */

#include <gtk/gtk.h>

#ifdef HAVE_AYATANA_APPINDICATOR
#include <libayatana-appindicator/app-indicator.h>
#else
#include <libappindicator/app-indicator.h>
#endif

static GtkWidget *
append (GtkWidget *menu, GtkWidget *item)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  gtk_widget_show (item);
  return item;
}

static GtkWidget *
append_submenu (GtkWidget *menu, const char *label)
{
  GtkWidget *submenu = gtk_menu_new ();

  gtk_menu_item_set_submenu (GTK_MENU_ITEM (append (menu, gtk_menu_item_new_with_label (label))), submenu);
  return submenu;
}

static GtkWidget *
make_menu (void)
{
  GtkWidget *menu = gtk_menu_new ();
  GtkWidget *submenu, *row;

  row = append (menu, gtk_menu_item_new_with_label ("Persistent: 2 running qubes keep what they write"));
  gtk_widget_set_sensitive (row, FALSE);
  append (menu, gtk_separator_menu_item_new ());
  append (append_submenu (menu, "work-mail_1"), gtk_menu_item_new_with_label ("Nothing here"));
  submenu = append_submenu (menu, "app1");
  row = append (submenu, gtk_menu_item_new_with_label ("Halted"));
  gtk_widget_set_sensitive (row, FALSE);
  row = append (submenu, gtk_radio_menu_item_new_with_label (NULL, "Everything"));
  append (submenu, gtk_radio_menu_item_new_with_label_from_widget (GTK_RADIO_MENU_ITEM (row), "Its files"));
  append (submenu, gtk_separator_menu_item_new ());
  append (submenu, gtk_check_menu_item_new_with_label ("Root volume read-only"));
  append (submenu, gtk_check_menu_item_new_with_label ("Private volume read-only"));
  append (menu, gtk_separator_menu_item_new ());
  append (menu, gtk_check_menu_item_new_with_label ("Wipe RAM when I log out"));
  return menu;
}

typedef struct
{
  AppIndicator *icon;
  GtkWidget *menu;
  const char *icon_name;
  const char *directory;
} Tray;

static void
make_icon (Tray *tray)
{
  tray->icon = app_indicator_new_with_path ("stand-in-tray", tray->icon_name, APP_INDICATOR_CATEGORY_SYSTEM_SERVICES,
                                            tray->directory);
  app_indicator_set_title (tray->icon, "Stand-in");
  app_indicator_set_status (tray->icon, APP_INDICATOR_STATUS_ACTIVE);
  app_indicator_set_menu (tray->icon, GTK_MENU (tray->menu));
}

/* The library loses the panel when it hears of it before it has the bus (applet/tray/indicator.c). */
static gboolean
check_registered (gpointer data)
{
  Tray *tray = data;
  gboolean registered = FALSE;

  g_object_get (tray->icon, "connected", &registered, NULL);
  if (registered)
    return G_SOURCE_REMOVE;
  g_object_run_dispose (G_OBJECT (tray->icon));
  g_object_unref (tray->icon);
  make_icon (tray);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char *argv[])
{
  Tray tray = { 0 };

  gtk_init (&argc, &argv);
  if (argc != 3)
    {
      g_printerr ("Usage: stand-in-tray ICON DIRECTORY\n");
      return 2;
    }
  tray.icon_name = argv[1];
  tray.directory = argv[2];
  tray.menu = g_object_ref_sink (make_menu ());
  /* As the applet does: the library reads beyond GTK's list of directories otherwise. */
  gtk_icon_theme_prepend_search_path (gtk_icon_theme_get_default (), tray.directory);
  make_icon (&tray);
  g_timeout_add_seconds (3, check_registered, &tray);
  gtk_main ();
  return 0;
}
