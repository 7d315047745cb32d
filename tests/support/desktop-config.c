/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop-config.h"

#include <glib/gstdio.h>

#define CHANNELS "config/xfce4/xfconf/xfce-perchannel-xml"
#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/*
 * No service directories: nothing is started behind the test's back. Other users may connect, so that a program can be
 * shown that runs as somebody without rights; only who can read the display's authority file is able to draw.
 */
static const char bus_text[] = "<busconfig>\n"
                               "  <type>session</type>\n"
                               "  <listen>unix:path=%s/session-bus</listen>\n"
                               "  <auth>EXTERNAL</auth>\n"
                               "  <policy context=\"default\">\n"
                               "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
                               "    <allow eavesdrop=\"true\"/>\n"
                               "    <allow own=\"*\"/>\n"
                               "    <allow user=\"*\"/>\n"
                               "  </policy>\n"
                               "</busconfig>\n";

static const char panel_text[]
    = XML_HEAD "<channel name=\"xfce4-panel\" version=\"1.0\">\n"
               "  <property name=\"configver\" type=\"int\" value=\"2\"/>\n"
               "  <property name=\"panels\" type=\"array\">\n"
               "    <value type=\"int\" value=\"1\"/>\n"
               "    <property name=\"dark-mode\" type=\"bool\" value=\"%s\"/>\n"
               "    <property name=\"panel-1\" type=\"empty\">\n"
               "      <property name=\"position\" type=\"string\" value=\"p=6;x=0;y=0\"/>\n"
               "      <property name=\"position-locked\" type=\"bool\" value=\"true\"/>\n"
               "      <property name=\"length\" type=\"uint\" value=\"100\"/>\n"
               "      <property name=\"size\" type=\"uint\" value=\"%d\"/>\n"
               "      <property name=\"icon-size\" type=\"uint\" value=\"16\"/>\n"
               "      <property name=\"plugin-ids\" type=\"array\">\n"
               "        <value type=\"int\" value=\"1\"/>\n"
               "        <value type=\"int\" value=\"2\"/>\n"
               "        <value type=\"int\" value=\"3\"/>\n"
               "        <value type=\"int\" value=\"4\"/>\n"
               "      </property>\n"
               "    </property>\n"
               "  </property>\n"
               "  <property name=\"plugins\" type=\"empty\">\n"
               "    <property name=\"plugin-1\" type=\"string\" value=\"applicationsmenu\"/>\n"
               "    <property name=\"plugin-2\" type=\"string\" value=\"tasklist\"/>\n"
               "    <property name=\"plugin-3\" type=\"string\" value=\"separator\">\n"
               "      <property name=\"expand\" type=\"bool\" value=\"true\"/>\n"
               "      <property name=\"style\" type=\"uint\" value=\"0\"/>\n"
               "    </property>\n"
               "    <property name=\"plugin-4\" type=\"string\" value=\"systray\">\n"
               "      <property name=\"square-icons\" type=\"bool\" value=\"true\"/>\n"
               "    </property>\n"
               "  </property>\n"
               "</channel>\n";

static const char settings_text[]
    = XML_HEAD "<channel name=\"xsettings\" version=\"1.0\">\n"
               "  <property name=\"Net\" type=\"empty\">\n"
               "    <property name=\"ThemeName\" type=\"string\" value=\"%s\"/>\n"
               "    <property name=\"IconThemeName\" type=\"string\" value=\"Adwaita\"/>\n"
               "    <property name=\"EnableEventSounds\" type=\"bool\" value=\"false\"/>\n"
               "  </property>\n"
               "  <property name=\"Xft\" type=\"empty\">\n"
               "    <property name=\"Antialias\" type=\"int\" value=\"1\"/>\n"
               "    <property name=\"Hinting\" type=\"int\" value=\"1\"/>\n"
               "    <property name=\"HintStyle\" type=\"string\" value=\"hintslight\"/>\n"
               "    <property name=\"RGBA\" type=\"string\" value=\"none\"/>\n"
               "    <property name=\"DPI\" type=\"int\" value=\"96\"/>\n"
               "  </property>\n"
               "  <property name=\"Gtk\" type=\"empty\">\n"
               "    <property name=\"FontName\" type=\"string\" value=\"Sans 10\"/>\n"
               "    <property name=\"EnableAnimations\" type=\"bool\" value=\"false\"/>\n"
               "    <property name=\"CursorBlink\" type=\"bool\" value=\"false\"/>\n"
               "  </property>\n"
               "</channel>\n";

static const char notifications_text[]
    = XML_HEAD "<channel name=\"xfce4-notifyd\" version=\"1.0\">\n"
               "  <property name=\"do-fadeout\" type=\"bool\" value=\"false\"/>\n"
               "  <property name=\"do-slideout\" type=\"bool\" value=\"false\"/>\n"
               "  <property name=\"notify-location\" type=\"uint\" value=\"3\"/>\n"
               "  <property name=\"initial-opacity\" type=\"double\" value=\"1.0\"/>\n"
               "</channel>\n";

static gboolean
write_channel (const char *directory, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (directory, CHANNELS, name, NULL);

  return g_file_set_contents (path, text, -1, error);
}

char *
live_test_desktop_config_get_bus_file (const char *directory)
{
  return g_build_filename (directory, "session-bus.conf", NULL);
}

static gboolean
make_directories (const char *directory, GError **error)
{
  static const struct
  {
    const char *name;
    int mode;
  } directories[] = { { CHANNELS, 0755 }, { "cache", 0755 }, { "data", 0755 }, { "state", 0755 }, { "run", 0700 } };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (directory, directories[i].name, NULL);

      if (g_mkdir_with_parents (path, directories[i].mode) != 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot make %s: %s", path,
                       g_strerror (errno));
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
live_test_desktop_config_write (const char *directory, const char *gtk_theme, gboolean dark, GError **error)
{
  g_autofree char *bus_file = live_test_desktop_config_get_bus_file (directory);
  g_autofree char *bus = g_markup_printf_escaped (bus_text, directory);
  g_autofree char *panel = g_strdup_printf (panel_text, dark ? "true" : "false", LIVE_TEST_PANEL_HEIGHT);
  g_autofree char *settings = g_markup_printf_escaped (settings_text, gtk_theme);

  return make_directories (directory, error) && g_file_set_contents (bus_file, bus, -1, error)
         && write_channel (directory, "xfce4-panel.xml", panel, error)
         && write_channel (directory, "xsettings.xml", settings, error)
         && write_channel (directory, "xfce4-notifyd.xml", notifications_text, error);
}

char **
live_test_desktop_config_set_environment (const char *directory, char **environment)
{
  static const struct
  {
    const char *variable;
    const char *name;
  } places[] = { { "XDG_CONFIG_HOME", "config" },
                 { "XDG_CACHE_HOME", "cache" },
                 { "XDG_DATA_HOME", "data" },
                 { "XDG_STATE_HOME", "state" },
                 { "XDG_RUNTIME_DIR", "run" } };

  environment = g_environ_setenv (environment, "HOME", directory, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (directory, places[i].name, NULL);

      environment = g_environ_setenv (environment, places[i].variable, path, TRUE);
    }
  return environment;
}
