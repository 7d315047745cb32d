/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/qube-labels.h"

#include <glib/gi18n.h>

const char *
live_qube_labels_full (LiveClientQube *qube)
{
  if (live_client_qube_accepts_policy (qube, "full"))
    return _ ("Nothing: root and private are thrown away");
  if (g_str_equal (live_client_qube_get_class (qube), "TemplateVM"))
    return _ ("Nothing: root and private are thrown away (not for a template)");
  return _ ("Nothing: root and private are thrown away (its pool or Qubes version cannot)");
}

const char *
live_qube_labels_root (LiveClientQube *qube)
{
  if (live_client_qube_accepts_policy (qube, "root"))
    return _ ("Its files: root is thrown away");
  if (g_str_equal (live_client_qube_get_class (qube), "TemplateVM"))
    return _ ("Its files: root is thrown away (not for a template)");
  return _ ("Its files: root is thrown away (not this qube)");
}

const char *
live_qube_labels_memory_hygiene (LiveClientQube *qube)
{
  const char *hygiene = live_client_qube_get_memory_hygiene (qube);

  if (g_str_equal (hygiene, "on") || g_str_equal (hygiene, "off"))
    return _ ("Erase memory when it is freed");
  if (g_str_equal (hygiene, "built-in"))
    return _ ("Erase memory when it is freed (built into its kernel)");
  if (g_str_equal (hygiene, "not-applicable"))
    return _ ("Erase memory when it is freed (it brings its own kernel)");
  return _ ("Erase memory when it is freed (not known)");
}

const char *
live_qube_labels_run_in_ram (LiveClientQube *qube)
{
  const char *class = live_client_qube_get_class (qube);

  if (g_str_equal (live_client_qube_get_persistence (qube), "ram"))
    return _ ("Run in RAM (it does)");
  if (g_str_equal (class, "AppVM"))
    return _ ("Run in RAM");
  if (g_str_equal (class, "TemplateVM"))
    return _ ("Run in RAM (not for a template)");
  if (g_str_equal (class, "DispVM"))
    return _ ("Run in RAM (not for a disposable)");
  if (g_str_equal (class, "StandaloneVM"))
    return _ ("Run in RAM (not for a standalone qube)");
  return _ ("Run in RAM (not this qube)");
}
