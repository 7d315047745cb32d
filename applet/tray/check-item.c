/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "tray/check-item.h"

struct _LiveCheckItem
{
  GtkCheckMenuItem parent_instance;

  gboolean setting; /* inside live_check_item_set_shown() */
};

G_DEFINE_FINAL_TYPE (LiveCheckItem, live_check_item, GTK_TYPE_CHECK_MENU_ITEM)

static guint chosen_signal;

/* GtkCheckMenuItem toggles here, and its set_active() comes this way too. */
static void
live_check_item_activate (GtkMenuItem *item)
{
  LiveCheckItem *self = LIVE_CHECK_ITEM (item);

  if (self->setting)
    GTK_MENU_ITEM_CLASS (live_check_item_parent_class)->activate (item);
  else if (gtk_widget_is_sensitive (GTK_WIDGET (item)))
    g_signal_emit (self, chosen_signal, 0);
}

static void
live_check_item_class_init (LiveCheckItemClass *class)
{
  GTK_MENU_ITEM_CLASS (class)->activate = live_check_item_activate;
  chosen_signal = g_signal_new ("chosen", LIVE_TYPE_CHECK_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_check_item_init (LiveCheckItem *self)
{
}

/* (transfer full): what stands for @label where an underscore marks a mnemonic. All items have such labels, although
 * none has a mnemonic: libdbusmenu doubles the underscores of a label without mnemonics when it sees the item for the
 * first time, but not when the label changes, and the panel would then take the name work_1 for a "work1" with a
 * mnemonic. */
static char *
escape (const char *label)
{
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);

  return g_strjoinv ("__", parts);
}

GtkWidget *
live_check_item_new (const char *label, gboolean radio)
{
  g_autofree char *escaped = escape (label);

  return g_object_new (LIVE_TYPE_CHECK_ITEM, "label", escaped, "use-underline", TRUE, "draw-as-radio", radio, "visible",
                       TRUE, NULL);
}

void
live_check_item_set_shown (LiveCheckItem *self, gboolean shown)
{
  g_return_if_fail (LIVE_IS_CHECK_ITEM (self));

  self->setting = TRUE;
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (self), shown);
  self->setting = FALSE;
}

void
live_menu_item_set_label (GtkWidget *item, const char *label)
{
  g_autofree char *escaped = escape (label);

  if (g_strcmp0 (gtk_menu_item_get_label (GTK_MENU_ITEM (item)), escaped) != 0)
    gtk_menu_item_set_label (GTK_MENU_ITEM (item), escaped);
}

void
live_menu_item_set_sensitive (GtkWidget *item, gboolean sensitive)
{
  if (!gtk_widget_get_sensitive (item) != !sensitive)
    gtk_widget_set_sensitive (item, sensitive);
}

void
live_menu_item_set_visible (GtkWidget *item, gboolean visible)
{
  if (!gtk_widget_get_visible (item) != !visible)
    gtk_widget_set_visible (item, visible);
}

GtkWidget *
live_menu_item_new (const char *label, gboolean sensitive)
{
  g_autofree char *escaped = escape (label);

  return g_object_new (GTK_TYPE_MENU_ITEM, "label", escaped, "use-underline", TRUE, "sensitive", sensitive, "visible",
                       TRUE, NULL);
}

GtkWidget *
live_menu_separator_new (void)
{
  return g_object_new (GTK_TYPE_SEPARATOR_MENU_ITEM, "visible", TRUE, NULL);
}
